// Package store keeps orders in memory.
package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// ErrInvalid marks an order that a client must correct.
var ErrInvalid = errors.New("invalid order")

// ErrNotFound says that no order has the asked id.
var ErrNotFound = errors.New("no such order")

// Order is one line of the order book.
type Order struct {
	ID       uuid.UUID `json:"id"`
	Item     string    `json:"item"`
	Quantity int       `json:"quantity"`
	Created  time.Time `json:"created"`
}

// Memory is an order book that lives as long as the process; its zero value is empty and ready.
type Memory struct {
	mu     sync.RWMutex
	orders map[uuid.UUID]Order
}

// Add checks and keeps an order; the errors it returns wrap ErrInvalid.
func (m *Memory) Add(item string, quantity int, now time.Time) (Order, error) {
	if item == "" {
		return Order{}, fmt.Errorf("%w: item is empty", ErrInvalid)
	}
	if quantity < 1 {
		return Order{}, fmt.Errorf("%w: quantity %d is below 1", ErrInvalid, quantity)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Order{}, err
	}
	order := Order{ID: id, Item: item, Quantity: quantity, Created: now.UTC()}

	m.mu.Lock()
	defer m.mu.Unlock()
	if m.orders == nil {
		m.orders = make(map[uuid.UUID]Order)
	}
	m.orders[id] = order
	return order, nil
}

// Get returns one order or ErrNotFound.
func (m *Memory) Get(id uuid.UUID) (Order, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	order, ok := m.orders[id]
	if !ok {
		return Order{}, ErrNotFound
	}
	return order, nil
}

// List returns every order, oldest first.
func (m *Memory) List() []Order {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make([]Order, 0, len(m.orders))
	for _, order := range m.orders {
		all = append(all, order)
	}
	slices.SortFunc(all, func(a, b Order) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	return all
}
