module go-frontend.invalid/bench/chef

go 1.26
