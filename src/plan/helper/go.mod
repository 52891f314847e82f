module go-frontend/helper

go 1.21
