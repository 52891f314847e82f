// Package store keeps counters in a bbolt file. It imports no other package of this module: it is the leaf that
// the benchmark edits.
package store

import (
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"
)

// Edit is what the benchmark changes for an edit in a leaf package.
const Edit = "0"

var bucket = []byte("counters")

// Store is an open file of counters.
type Store struct{ db *bbolt.DB }

// Open opens the file, making it when it is not there.
func Open(path string) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
	return &Store{db}, err
}

// Count adds one to a counter and returns what it then is.
func (s *Store) Count(name string) (uint64, error) {
	var n uint64
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		if value := b.Get([]byte(name)); len(value) == 8 {
			n = binary.BigEndian.Uint64(value)
		}
		n++
		return b.Put([]byte(name), binary.BigEndian.AppendUint64(nil, n))
	})
	return n, err
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }
