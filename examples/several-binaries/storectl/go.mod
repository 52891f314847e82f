module example.com/storectl

go 1.26
