//! Learner text made safe for each medium. Every format and every progress line goes through here, and nowhere else.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One line for people: nothing in it moves a cursor, sets a colour, hides or turns text round, or commands a CI runner.
/// Line ends become `⏎`, control characters their picture (`␛`), invisible ones their number (`\u{202e}`).
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| matches!(c, '\n' | '\r' | '\t') || is_hidden(c)) {
        return runner(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\u{2028}' | '\u{2029}' => safe.push('⏎'),
            '\t' => safe.push_str("    "),
            '\0'..='\x1f' => safe.extend(char::from_u32(0x2400 + u32::from(c))),
            '\x7f' => safe.push('␡'),
            c if is_hidden(c) => name(&mut safe, c),
            c => safe.push(c),
        }
    }
    Cow::Owned(runner(&safe).into_owned())
}

/// The same text as several safe lines, split where its lines end; empty lines at the end are left out.
pub fn lines(text: &str) -> Vec<Cow<'_, str>> {
    text.trim_end().split('\n').map(|part| line(part.strip_suffix('\r').unwrap_or(part))).collect()
}

/// Text for XML 1.0: what it forbids is removed, and so is what it discourages (C1, which terminals obey); what cannot be
/// seen is named. The writer of the XML escapes `<`, `&` and quotes.
pub fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // As readers of XML take it anyway.
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => safe.push('\n'),
            '\t' | '\n' => safe.push(c),
            '\0'..='\x1f' | '\x7f'..='\u{9f}' => {}
            c if u32::from(c) & 0xfffe == 0xfffe => {}
            c if is_hidden(c) => name(&mut safe, c),
            c => safe.push(c),
        }
    }
    let lines: Vec<String> = runner(&safe).split('\n').map(|line| line_start(line).into_owned()).collect();
    lines.join("\n")
}

/// One line of text for an XML attribute, whose line ends readers turn into spaces anyway.
pub fn xml_line(text: &str) -> String {
    xml(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A whole JSON text, in which what a terminal or a CI runner would obey is written by number. It means the same:
/// these characters can only stand in strings.
pub fn json(text: &str) -> Cow<'_, str> {
    let mut bracket = Bracket::default();
    if !text.chars().any(|c| bracket.opens(c) || (c != '\n' && is_hidden(c))) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut bracket = Bracket::default();
    for c in text.chars() {
        let opens = bracket.opens(c);
        if c != '\n' && is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else if opens {
            safe.push_str("\\u005b");
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// One line of text for Markdown: every character that could mean something there is written as an entity, so that no
/// table, fence, link, image, heading or HTML comes of it. GitHub makes addresses, mentions, references and emoji of what
/// it has rendered already; an empty comment after their first character keeps it from that. What stands between single
/// backticks is code, as everywhere in our messages.
pub fn markdown(text: &str) -> String {
    // Blanks in front would make code of it.
    let text = line(text);
    let parts: Vec<&str> = text.trim().split('`').collect();
    let is_paired = parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(|code| !code.trim().is_empty());
    if !is_paired {
        return markdown_words(text.trim());
    }
    let coded = |(at, part): (usize, &&str)| if at % 2 == 1 { markdown_code(part) } else { markdown_words(part) };
    parts.iter().enumerate().map(coded).collect()
}

fn markdown_words(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_punctuation() && !matches!(c, ',' | ';' | '?' | '\'' | '"' | '%' | '/') {
            let _ = write!(safe, "&#{};", u32::from(c)); // writing to a String cannot fail
        } else {
            safe.push(c);
        }
        let next = chars.peek();
        if matches!(c, '@' | ':' | '#') && next.is_some_and(|next| next.is_alphanumeric() || "+-_".contains(*next)) {
            safe.push_str("<!-- -->");
        }
    }
    safe
}

/// Text inside a Markdown code span: blanks around it, and more backticks than it holds.
pub fn markdown_code(text: &str) -> String {
    let text = line(text).replace('|', "\u{ff5c}"); // a table ends a cell even in code
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    if text.trim().is_empty() { String::new() } else { format!("{fence} {text} {fence}") }
}

/// A fenced block of these lines: its fence is longer than any that they hold.
pub fn markdown_fence<S: AsRef<str>>(lines: &[S]) -> String {
    let lines: Vec<String> = lines.iter().map(|text| line_start(&line(text.as_ref())).into_owned()).collect();
    let longest = lines.iter().map(|line| longest_run(line, '`')).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// The message of a workflow command, cut to so many UTF-16 units, as the runner counts them. It is one line for the
/// runner; `%0A` starts a new one for people.
pub fn workflow_message(text: &str, longest: usize) -> String {
    let whole = lines(text).join("\n");
    let mut left = longest;
    let fits = |c: &char| left.checked_sub(c.len_utf16()).map(|rest| left = rest).is_some();
    let mut message: String = whole.chars().take_while(fits).collect();
    if message.len() < whole.len() {
        message.pop(); // the last one may be two units, which leaves room all the more
        message.push('…');
    }
    // Escaped when it is cut, so that nothing is cut in the middle of an escape.
    message.replace('%', "%25").replace('\n', "%0A")
}

/// A property of a workflow command.
pub fn workflow_property(text: &str) -> String {
    line(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

/// A word for a shell's command line, quoted if it has to be: for commands that people are told to copy.
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", line(text).replace('\'', r"'\''")))
}

fn name(safe: &mut String, c: char) {
    let _ = write!(safe, "\\u{{{:x}}}", u32::from(c)); // writing to a String cannot fail
}

/// GitHub's runner reads `##[command]` anywhere in a line of output.
fn runner(text: &str) -> Cow<'_, str> {
    let mut bracket = Bracket::default();
    if !text.chars().any(|c| bracket.opens(c)) {
        return Cow::Borrowed(text);
    }
    let mut bracket = Bracket::default();
    let mut safe = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if bracket.opens(c) {
            safe.push('\\');
        }
        safe.push(c);
    }
    Cow::Owned(safe)
}

/// Finds the `[` of `##[`. The runner compares as people read, so what takes no room does not come between.
#[derive(Default)]
struct Bracket {
    hashes: u8,
}

impl Bracket {
    fn opens(&mut self, c: char) -> bool {
        let opens = c == '[' && self.hashes >= 2;
        match c {
            '#' => self.hashes = self.hashes.saturating_add(1),
            c if is_joiner(c) || is_hidden(c) => {}
            _ => self.hashes = 0,
        }
        opens
    }
}

/// It also reads `::command::` where a line starts, blanks aside. Takes a finished line, with our colours or without.
pub fn line_start(line: &str) -> Cow<'_, str> {
    let mut text = line;
    loop {
        let bare = text.trim_start_matches(|c: char| c.is_whitespace() || is_joiner(c));
        let bare = bare.strip_prefix("\x1b[").and_then(|rest| rest.split_once('m')).map_or(bare, |(_, rest)| rest);
        if bare.len() == text.len() {
            break;
        }
        text = bare;
    }
    if !text.chars().filter(|&c| !is_joiner(c)).take(2).eq("::".chars()) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(format!("{}\\{text}", &line[..line.len() - text.len()]))
}

/// Characters that act instead of being seen: C0, DEL, C1, bidi controls, zero-width, filling and tag characters,
/// and what is no character at all.
fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control(); // nearly all there is
    }
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}'
        | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Characters without a width that belong to what people write: emoji and several scripts are joined and varied by them.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_lines_are_shown_and_not_obeyed() {
        for (hostile, safe) in [
            ("plain", "plain"),
            ("größe → 大きさ 👩‍💻", "größe → 大きさ 👩‍💻"),
            ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
            ("\x1b]0;title\x07", "␛]0;title␇"),
            ("\x1b]8;;http://evil\x1b\\here", "␛]8;;http://evil␛\\here"),
            ("\u{9b}31mred", "\\u{9b}31mred"),
            ("one\ntwo\r\nthree\rfour", "one⏎two⏎three␍four"),
            ("a\u{2028}b\u{2029}c\u{85}d", "a⏎b⏎c\\u{85}d"),
            ("\tRUN", "    RUN"),
            ("nul\0 bell\x07 back\x08 del\x7f", "nul␀ bell␇ back␈ del␡"),
            ("\u{202e}gnp.exe", "\\u{202e}gnp.exe"),
            ("\u{2066}a\u{2069}\u{200f}\u{61c}", "\\u{2066}a\\u{2069}\\u{200f}\\u{61c}"),
            ("\u{feff}FROM\u{200b}", "\\u{feff}FROM\\u{200b}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("##[add-mask]x", "##\\[add-mask]x"),
            ("###[a]#[b]", "###\\[a]#[b]"),
            ("##\u{200d}[a]#\u{fe0f}#[b]", "##\u{200d}\\[a]#\u{fe0f}#\\[b]"),
        ] {
            assert_eq!(line(hostile).as_bytes(), safe.as_bytes(), "{hostile:?}");
        }
    }

    #[test]
    fn every_character_comes_out_printable() {
        for c in '\0'..=char::MAX {
            let text = format!("a{c}b");
            assert!(!line(&text).chars().any(is_hidden), "U+{:x}", u32::from(c));
            assert!(!json(&text).chars().any(|c| c != '\n' && is_hidden(c)), "U+{:x}", u32::from(c));
        }
    }

    #[test]
    fn lines_split_and_lose_their_ends() {
        assert_eq!(lines("one\r\ntwo\x1b\n\nfour\n\n"), ["one", "two␛", "", "four"]);
        assert_eq!(lines(""), [""]);
    }

    #[test]
    fn xml_loses_what_it_may_not_hold() {
        for (hostile, safe) in [
            ("a\0b\x01\x08\x0b\x0c\x0e\x1fc", "abc"),
            ("\x1b[31mred", "[31mred"),
            ("tab\tline\r\nend\r", "tab\tline\nend\n"),
            ("a\r ::error::x", "a\n \\::error::x"),
            ("\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}x", "x"),
            ("\u{9b}31m\u{7f}", "31m"),
            ("\u{202e}x\u{feff}", "\\u{202e}x\\u{feff}"),
            ("\u{fffd}é🐳]]>", "\u{fffd}é🐳]]>"),
        ] {
            assert_eq!(xml(hostile).as_bytes(), safe.as_bytes(), "{hostile:?}");
        }
        assert_eq!(xml_line(" a\n\tb\0 c "), "a b c");
    }

    #[test]
    fn json_means_the_same() -> Result<(), serde_json::Error> {
        for hostile in ["\x1b[31m", "\u{9b}31m", "\u{202e}x", "\u{e0041}", "##[add-mask]x", "\"\\\n", "é🐳", "\u{7f}"]
        {
            let text = serde_json::to_string(hostile)?;
            let safe = json(&text);
            assert_eq!(serde_json::from_str::<String>(&safe)?, hostile);
            assert!(!safe.contains("##[") && !safe.chars().any(is_hidden), "{safe}");
        }
        Ok(())
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (word, quoted) in [
            ("my-app/Dockerfile", "my-app/Dockerfile"),
            ("my app", "'my app'"),
            ("it's", r"'it'\''s'"),
            ("$(rm -rf ~)", "'$(rm -rf ~)'"),
            ("-rf", "'-rf'"),
            ("", "''"),
            ("a\nb", "'a⏎b'"),
        ] {
            assert_eq!(shell_word(word), quoted);
        }
    }

    #[test]
    fn markdown_is_text_and_nothing_else() {
        for (hostile, safe) in [
            ("plain, with ümlaut", "plain, with ümlaut"),
            ("a|b", "a&#124;b"),
            ("<b>&amp;", "&#60;b&#62;&#38;amp;"),
            ("[x](http://e.v)", "&#91;x&#93;&#40;http&#58;//e&#46;v&#41;"),
            ("    1) x", "1&#41; x"),
            ("the stage `a|b` *x*", "the stage ` a｜b ` &#42;x&#42;"),
            ("`one", "&#96;one"),
            ("a\n# b", "a⏎&#35; b"),
            ("@jane #1 :x: a: b", "&#64;<!-- -->jane &#35;<!-- -->1 &#58;<!-- -->x&#58; a&#58; b"),
            ("```\x1b", "&#96;&#96;&#96;␛"),
        ] {
            assert_eq!(markdown(hostile), safe, "{hostile:?}");
        }
        assert_eq!(markdown_code("a`b``c|"), "``` a`b``c｜ ```");
        assert_eq!(markdown_code(" "), "");
        assert_eq!(markdown_fence(&["````", "x\ny"]), "`````text\n````\nx⏎y\n`````\n");
    }

    #[test]
    fn workflow_commands_keep_to_one_line() {
        assert_eq!(workflow_message("100%\r\n::error::x\rY", 99), "100%25%0A::error::x␍Y");
        assert_eq!(workflow_message("ab%d", 4), "ab%25d");
        assert_eq!(workflow_message("ab%de", 4), "ab%25…");
        assert_eq!(workflow_message("a🐳🐳", 4), "a…");
        assert_eq!(workflow_property("a:b,c%\nd"), "a%3Ab%2Cc%25⏎d");
    }

    #[test]
    fn a_line_does_not_start_with_a_command() {
        for (text, safe) in [
            ("  ::error::x", "  \\::error::x"),
            ("::1", "\\::1"),
            ("\u{a0}\u{2003}\u{3000}\t::x::", "\u{a0}\u{2003}\u{3000}\t\\::x::"),
            ("\u{200d} :\u{fe0f}:x::", "\u{200d} \\:\u{fe0f}:x::"),
            (" \x1b[31m::x::\x1b[0m", " \x1b[31m\\::x::\x1b[0m"),
            ("at ::1", "at ::1"),
            ("", ""),
        ] {
            assert_eq!(line_start(text), safe);
        }
    }
}
