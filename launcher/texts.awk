# SPDX-License-Identifier: Apache-2.0
#
# Turns the texts of diagnoses.txt and messages.txt into what the programs are built from:
#
#   awk -f texts.awk -v out=DIRECTORY messages.txt diagnoses.txt
#
#   messages.inc   the names of the messages
#   causes.inc     the names of the diagnoses, and their numbers
#   diagnoses.inc  the rows of the diagnosis table
#   texts.txt      every text, a line each: all of them in English, then all of them in Korean
#
# or, with -v pages=DIRECTORY instead, a page for each diagnosis, in English and (ko/) Korean.
#
# An entry begins with its name in column 1; lines `en …` and `ko …` follow, of a diagnosis with `title`,
# `why` and `do` as the second word. An indented line continues the one before it.

function fail(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
    failed = 1
    exit 1
}

function end_entry(    i, field, language) {
    if (entry == "") return
    for (language in languages)
        for (i = 1; i <= fields; i++)
            if (!((language, field_name[i]) in text)) fail(entry " lacks " language " " field_name[i])
    for (i = 1; i <= fields; i++) {
        count++
        for (language in languages) all[language, count] = text[language, field_name[i]]
    }
    if (number != "" && pages != "") { write_page("en", pages); write_page("ko", pages "/ko") }
    entry = ""
    delete text
}

# A text as Markdown: evidence is shown as <name>.
function markdown(language, field,    words) {
    words = text[language, field]
    gsub(/[{<]/, "\\&lt;", words)
    gsub(/[}>]/, "\\&gt;", words)
    gsub(/\*/, "\\\\*", words)
    return words
}

function write_page(language, directory,    file) {
    file = directory "/PZX-" number ".md"
    print "<!-- SPDX-License-Identifier: Apache-2.0 -->" > file
    print "<!-- Made by launcher/texts.awk from launcher/diagnoses.txt: change that. -->" > file
    print "# PZX-" number ": " markdown(language, "title") > file
    print "" > file
    print markdown(language, "why") > file
    print "" > file
    print (language == "ko" ? "## 해결 방법" : "## What to do") > file
    print "" > file
    print markdown(language, "do") > file
    close(file)
}

BEGIN {
    languages["en"]
    languages["ko"]
}

/^#/ || /^$/ { next }

/^PZX-[1-9][0-9][0-9] k[A-Za-z0-9]+ (error|warning|note) (126|127)$/ {
    end_entry()
    entry = $1
    number = substr($1, 5)
    if (number in known) fail(entry " is there twice")
    known[number]
    if (number + 0 <= last_number) fail("codes stand in rising order")
    last_number = number + 0
    fields = split("title why do", field_name, " ")
    causes = causes $2 " = " number ",\n"
    rows = rows "{Cause::" $2 ", Severity::k" toupper(substr($3, 1, 1)) substr($3, 2) ", " $4 ", Text{" count "}},\n"
    cause_count++
    next
}

/^k[A-Za-z0-9]+$/ {
    end_entry()
    if (cause_count) fail("messages come before diagnoses")
    entry = $1
    number = ""
    fields = 1
    field_name[1] = "text"
    messages = messages "inline constexpr Text " $1 "{" count "};\n"
    next
}

/^(en|ko) / {
    if (entry == "") fail("a text without an entry")
    language = $1
    field = "text"
    line = substr($0, 4)
    if (fields > 1) {
        field = $2
        line = substr(line, length(field) + 2)
        if (field !~ /^(title|why|do)$/) fail("a diagnosis has title, why and do, not " field)
    }
    sub(/^ +/, "", line)
    if (line == "") fail(entry ": an empty text")
    if ((language, field) in text) fail(entry " has two of " language " " field)
    text[language, field] = line
    next
}

/^ +[^ ]/ {
    if (entry == "" || !((language, field) in text)) fail("nothing to continue")
    sub(/^ +/, "")
    text[language, field] = text[language, field] " " $0
    next
}

{ fail("neither the beginning of an entry nor a text") }

END {
    if (failed) exit 1
    end_entry()
    if (failed) exit 1
    if (pages != "") exit
    printf "%s", messages > (out "/messages.inc")
    print "inline constexpr std::size_t kTextCount = " count ";" > (out "/messages.inc")
    printf "%s", causes > (out "/causes.inc")
    printf "%s", rows > (out "/diagnoses.inc")
    for (i = 1; i <= count; i++) print all["en", i] > (out "/texts.txt")
    for (i = 1; i <= count; i++) print all["ko", i] > (out "/texts.txt")
}
