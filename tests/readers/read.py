"""Reads one report with the programs that others read it with, and prints what they found as JSON.

read.py schema SCHEMA FILE    the errors that jsonschema finds
read.py junit XSD FILE        the errors of the XSD, and the totals and cases as junitparser sees them
read.py markdown FILE...      the elements of each page, as GitHub's own cmark renders it
"""

import collections
import json
import sys


def schema(schema_path, path):
    import jsonschema

    with open(schema_path, encoding="utf-8") as file:
        rules = json.load(file)
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    kind = jsonschema.validators.validator_for(rules)
    kind.check_schema(rules)
    errors = kind(rules, format_checker=kind.FORMAT_CHECKER).iter_errors(document)
    return [f"{error.json_path}: {error.message[:300]}" for error in errors]


def junit(xsd_path, path):
    import junitparser
    from lxml import etree

    tree = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True))
    # Jenkins' schema is older than these, which others read.
    for tag, name in (("testsuites", "skipped"), ("testcase", "file"), ("testcase", "line")):
        for element in tree.iter(tag):
            element.attrib.pop(name, None)
    rules = etree.XMLSchema(etree.parse(xsd_path))
    rules.validate(tree)
    errors = [f"{error.line}: {error.message}" for error in rules.error_log]
    suites = []
    for suite in junitparser.JUnitXml.fromfile(path):
        cases = []
        for case in suite:
            result = case.result[0] if case.result else None
            cases.append(
                {
                    "name": case.name,
                    "classname": case.classname,
                    "time": case.time,
                    "file": case._elem.get("file"),
                    "line": case._elem.get("line"),
                    "result": type(result).__name__ if result is not None else "Passed",
                    "message": result.message if result is not None else None,
                    "text": result.text if result is not None else case.system_out,
                }
            )
        totals = {"tests": suite.tests, "failures": suite.failures, "errors": suite.errors, "skipped": suite.skipped}
        suites.append({"name": suite.name, "time": suite.time, "totals": totals, "cases": cases})
    return {"errors": errors, "suites": suites}


def markdown(*paths):
    return [page(path) for path in paths]


def page(path):
    import cmarkgfm
    from cmarkgfm.cmark import Options
    from lxml import html

    with open(path, encoding="utf-8") as file:
        text = file.read()
    # GitHub keeps a list of elements that may stand in Markdown; what is told here is what stands before that is applied.
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    rendered = cmarkgfm.github_flavored_markdown_to_html(text, options=options)
    tree = html.document_fromstring(f"<html><body>{rendered}</body></html>").body
    elements = collections.Counter(element.tag for element in tree.iterdescendants() if isinstance(element.tag, str))
    texts = lambda *names: [element.text_content().strip() for name in names for element in tree.iter(name)]
    table = [[cell.text_content().strip() for cell in row] for row in tree.iter("tr")]
    return {
        "elements": elements,
        "headings": texts("h1", "h2", "h3", "h4", "h5", "h6"),
        # What a paragraph begins with, unless that is code or strong.
        "leads": [(element.text or "").strip() for element in tree.iterchildren("p")],
        "paragraphs": [element.text_content().strip() for element in tree.iterchildren("p")],
        "code": texts("code"),
        "items": texts("li"),
        "table": table,
        "text": tree.text_content(),
        "page": rendered,
    }


read = {"schema": schema, "junit": junit, "markdown": markdown}[sys.argv[1]]
sys.stdout.reconfigure(encoding="utf-8")
json.dump(read(*sys.argv[2:]), sys.stdout, ensure_ascii=False)
