// Package keys says what a key is.
package keys

// Valid tells whether a key is of letters and digits.
func Valid(key string) bool {
	for _, r := range key {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return key != ""
}
