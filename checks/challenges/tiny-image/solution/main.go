// Serves a page that says how many files are around it.
package main

import (
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
)

func main() {
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "Hello from Go! I run as user %d, and my image has %d files.\n", os.Getuid(), files())
	})
	log.Println("listening on port 8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// Counts the files that it can see, without those that the kernel makes.
func files() (count int) {
	filepath.WalkDir("/", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == "/proc" || path == "/sys" || path == "/dev" {
			return fs.SkipDir
		}
		if !entry.IsDir() {
			count++
		}
		return nil
	})
	return count
}
