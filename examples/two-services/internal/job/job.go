// Package job is what the two services share: the shape of a job and the version stamp.
package job

import "github.com/google/uuid"

// Version is set at link time.
var Version = "unset"

// Job is a unit of work.
type Job struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// New returns a job under a fresh, time-ordered id.
func New(name string) (Job, error) {
	id, err := uuid.NewV7()
	return Job{ID: id, Name: name}, err
}
