//! Trees and .gitignore files to compare with git: a table, and a generator of others.

/// The folders and files of the compared trees.
pub const TREE: &[&str] = &[
    "Dockerfile",
    "app.py",
    "a",
    "b.log",
    "build/out",
    "build/sub/out.log",
    "sub/Dockerfile",
    "sub/a",
    "sub/b.log",
    "sub/deep/a",
    "sub/deep/b.log",
    "sub/deep/build/x",
    "with blank ",
    "with blank",
    "#hash",
    "!bang",
    "[set]",
    "x*y",
    "back\\slash",
    "Upper.LOG",
    ".env",
    "sub/.env",
    "sub-2/a",
    "tab\t",
    "é.txt",
    "a-b/c",
    "venv/bin/python",
    "foo/bar/baz",
    "foo/barbaz/q",
    "axx/yy/b",
    "ä/b",
];

/// What patterns are made of.
pub const PIECES: &[&str] = &[
    "a",
    "b",
    "*",
    "**",
    "/",
    "?",
    "build",
    "sub",
    "deep",
    ".log",
    "*.log",
    "Dockerfile",
    "!",
    "[ab]",
    "[!a]",
    "[^b-z]",
    "[[:upper:]]",
    "[",
    "]",
    "\\",
    "\\ ",
    " ",
    "x",
    "y",
    "with blank",
    "#",
    ".env",
    "foo",
    "bar",
    "-",
    "[a-",
    "[]a]",
    "**/",
    "/**",
    "[[:bogus:]]",
    "é",
    "\t",
    "[\\]]",
    "[a-\\z]",
    "[[:alpha:]_-]",
    "[--0]",
    "venv/",
];

/// Whole files that people write, and the dark corners.
pub const FILES: &[&str] = &[
    "",
    "*\n",
    "*\n!Dockerfile\n",
    "Dockerfile\n",
    "/Dockerfile\n",
    "sub/\n",
    "/sub/\n!sub/a\n",
    "sub/*\n!sub/a\n",
    "**/a\n",
    "sub/**\n",
    "sub/**/a\n",
    "*.log\r\n!b.log\r\n",
    "with blank \n",
    "with blank\\ \n",
    "\\#hash\n\\!bang\n",
    "#hash\n",
    "[[]set]\n",
    "x\\*y\n",
    "back\\\\slash\n",
    "*.log",
    "\u{feff}a\n",
    "a**/b\n",
    "foo/bar/\n",
    "foo/bar\n",
    "foo/b*/\n",
    "/\n",
    "//\n",
    "!\n",
    "a \\\n",
    "tab\t\n",
    "build/sub/\n!build/sub/out.log\n",
    "/*\n!/sub\n/sub/*\n!/sub/deep\n",
    "a\0b\n",
    "*/a\n",
    "/*/\n",
    "**\n",
    "**/\n",
    "/**/b.log\n",
    "***\n",
    "s**p/a\n",
    "sub/dee?/a\n",
    "sub?deep\n",
    "sub[/]deep\n",
    "*.LOG\n",
    "\\\n",
    "é.txt\n",
    "?.txt\n",
    "??.txt\n",
    ".*\n!.gitignore\n",
    "build/**/\n",
    "sub/deep/**/x\n",
    "\r\n",
    "venv/\n!venv/bin/python\n",
    "**a\n",
    "a**\n",
    "foo**bar\n",
    "/axx**b\n",
];

/// A list of numbers that looks random, and is the same each time.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % count as u64).unwrap()
    }

    pub fn file(&mut self) -> String {
        (0..=self.below(4)).map(|_| self.line() + ["\n", "\n", "\n", "\r\n"][self.below(4)]).collect()
    }

    pub fn line(&mut self) -> String {
        let start = ["", "", "", "!", "/"][self.below(5)];
        let middle: String = (0..=self.below(4)).map(|_| PIECES[self.below(PIECES.len())]).collect();
        start.to_owned() + &middle + ["", "", "", "/", " "][self.below(5)]
    }
}
