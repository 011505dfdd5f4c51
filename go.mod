module github.com/ocfsim/ocfsim

go 1.26
