package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAToolchainIsNamedByWhatItIsMadeOf(t *testing.T) {
	dir := t.TempDir()
	if err := noteToolchain(dir); err != nil {
		t.Fatal(err)
	}
	if len(read(t, filepath.Join(dir, toolchainFile))) != 32 {
		t.Errorf("it is named %q", read(t, filepath.Join(dir, toolchainFile)))
	}
	asm, compile := filepath.Join(dir, "asm"), filepath.Join(dir, "compile")
	sums := map[string]bool{}
	for _, texts := range [][2]string{{"a", "c"}, {"b", "c"}, {"a", "d"}, {"ac", ""}} {
		for i, name := range []string{asm, compile} {
			if err := os.WriteFile(name, []byte(texts[i]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		sum, err := sumOf([]string{asm, compile})
		if err != nil {
			t.Fatal(err)
		}
		sums[sum] = true
	}
	if len(sums) != 4 {
		t.Errorf("four toolchains have %d names", len(sums))
	}
	if _, err := sumOf([]string{filepath.Join(dir, "none")}); err == nil {
		t.Error("a tool that is not there is no error")
	}
}
