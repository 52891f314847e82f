module example.com/dockerfile-name

go 1.26
