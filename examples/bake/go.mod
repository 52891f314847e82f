module example.com/bake

go 1.26
