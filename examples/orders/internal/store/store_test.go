package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestListIsOldestFirst(t *testing.T) {
	var book Memory
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, item := range []string{"third", "first", "second"} {
		if _, err := book.Add(item, i+1, start.Add(time.Duration((i+2)%3)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, order := range book.List() {
		got = append(got, order.Item)
	}
	if len(got) != 3 || got[0] != "first" || got[1] != "second" || got[2] != "third" {
		t.Fatalf("order of the list: %v", got)
	}
}

func TestRefusals(t *testing.T) {
	var book Memory
	for _, bad := range []struct {
		item     string
		quantity int
	}{{"", 1}, {"tea", 0}, {"tea", -1}} {
		if _, err := book.Add(bad.item, bad.quantity, time.Now()); !errors.Is(err, ErrInvalid) {
			t.Errorf("Add(%q, %d): %v", bad.item, bad.quantity, err)
		}
	}
	if _, err := book.Get(uuid.New()); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get of an unknown id: %v", err)
	}
}
