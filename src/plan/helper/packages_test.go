package main

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func TestPackages(t *testing.T) {
	goEnvironment(t)
	t.Setenv("GOPROXY", proxy(t, modules))
	t.Setenv("GOFLAGS", "-mod=mod -modcacherw")
	enter(t, service)
	out := filepath.Join(t.TempDir(), "packages.json")
	err := packages([]string{"-out=" + out, "-stub=./stub", "-modules=example.com/app", "-platform=linux/arm64=CGO_ENABLED=0,GOOS=linux,GOARCH=arm64", "-platform=windows/amd64=CGO_ENABLED=0,GOOS=windows,GOARCH=amd64"})
	if err != nil {
		t.Fatal(err)
	}
	var found map[string]listing
	if err := json.Unmarshal([]byte(read(t, out)), &found); err != nil {
		t.Fatal(err)
	}
	want := listing{
		Packages: []thirdParty{
			{Path: "private.example/embeds", Module: "private.example/embeds", Version: "v1.0.0", Imports: []string{"public.example/lib/sub"}},
			{Path: "public.example/lib/internal/x", Module: "public.example/lib", Version: "v1.0.0"},
			{Path: "public.example/lib/sub", Module: "public.example/lib", Version: "v1.0.0", Imports: []string{"public.example/lib/internal/x"}},
		},
		Back: []string{"example.com/app/hooks"},
	}
	for _, platform := range []string{"linux/arm64", "windows/amd64"} {
		if !reflect.DeepEqual(found[platform], want) {
			t.Errorf("%s: %+v", platform, found[platform])
		}
	}
	if got := modified(t, out); !got.Equal(time.Unix(0, 0)) {
		t.Errorf("the listing has time %s", got)
	}
}
