"""Reads reports as other programs do.

judge.py JUDGES FOLDER… prints for each folder what is in its reports, as JSON; of a report that a judge refuses it says why.
"""

import csv
import io
import json
import pathlib
import os
import re
import subprocess
import sys
from collections import Counter

import cmarkgfm
import jsonschema
import junitparser
import yaml
from prometheus_client import parser as prometheus
from prometheus_client.openmetrics import parser as openmetrics
from sarif.cmdline import main as sarif_tools
from urllib.parse import unquote, urlparse

PLAN_MARKUP = {"h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "ul", "li", "details", "summary"}
MARKUP = {"head", "style", "h3", "h4", "b", "img", "ul", "li", "button", "div", "a", "script"}


def document(folder):
    found = json.loads((folder / "audit.json").read_text())
    assert yaml.safe_load((folder / "audit.yaml").read_text()) == found, "YAML and JSON differ"
    return found["verdict"]


def sarif(folder):
    """The schema, with the formats in it; then what each run says."""
    log = json.loads((folder / "audit.sarif").read_text())
    SCHEMA.validate(log)
    assert not re.search(r'"text": "([^"\\]|\\.)*\]\(', json.dumps(log)), "words of others make a link"
    return [run(found) for found in log["runs"]]


def run(found):
    results, rules = found["results"], found["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results), "a result of another rule"
    return {
        "id": found["automationDetails"]["id"],
        "successful": found["invocations"][0]["executionSuccessful"],
        "rules": sorted({result["ruleId"] for result in results}),
        "described": len({rule["id"] for rule in rules}) == len(rules) >= len({result["ruleId"] for result in results}),
        "levels": Counter(result["level"] for result in results),
        "suppressed": sum("suppressions" in result for result in results),
        "fingerprints": len({json.dumps(result["partialFingerprints"]) for result in results}),
    }


def validated(folders, judges):
    """What Microsoft's validator has against each report, by the rules of SARIF and those of GitHub's code scanning, in one run."""
    (program,) = judges.glob("npm/node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool")
    out = folders[0] / "validated.sarif"
    # What the schema refuses may end the whole run.
    reports = [str(path) for path in (folder / "audit.sarif" for folder in folders) if SCHEMA.is_valid(json.loads(path.read_text()))]
    command = [str(program), "validate", *reports, "--rule-kind", "Sarif;Ghas", "--quiet", "true", "--log", "ForceOverwrite", "-o", str(out)]
    # It asks for a library of Unicode data otherwise.
    subprocess.run(command, env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}, stdout=subprocess.DEVNULL)
    refusals = {report: set() for report in reports}
    for result in json.loads(out.read_text())["runs"][0].get("results", []):
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        refusals[unquote(urlparse(place["uri"]).path)].add(result["ruleId"])
    return refusals


def validator(folder):
    refusals = VALIDATED.get(str(folder / "audit.sarif"), {"the schema"})
    # The plugin has no home page: where it does not miss that, it has not looked.
    assert refusals == {"SARIF2005"}, " ".join(sorted(refusals - {"SARIF2005"})) or "nothing was looked at"
    return "nothing"


def browsed(folders, judges):
    """What Chromium says of each page."""
    pages = [str(folder / "audit.html") for folder in folders]
    command = ["node", str(pathlib.Path(__file__).with_name("browser.mjs")), str(judges), *pages]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def page(folder):
    said = BROWSED[str(folder / "audit.html")]
    assert not said["against"], "; ".join(said["against"])
    del said["against"]
    return said


def markdown(folder):
    """GitHub's own renderer: no text became a link, an image or markup of another kind."""
    path = folder / "plan.md"
    if not path.exists():
        return None
    html = cmarkgfm.github_flavored_markdown_to_html(path.read_text(), options=cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE)
    tags = Counter(re.findall(r"<(\w+)", html))
    return {"rows": tags["tr"] - 1, "markup": sorted(set(tags) - PLAN_MARKUP), "details": tags["details"]}


def tools(folder):
    """`sarif summary`, `csv` and `html`, where a finding is an item of a list that is no group, and no text became markup."""
    made = {}
    for command in ("summary", "csv", "html"):
        out = folder / f"tools.{command}"
        sys.argv = ["sarif", command, "--output", str(out), str(folder / "audit.sarif")]
        assert not sarif_tools.main(), f"sarif {command} failed"
        made[command] = out.read_bytes().decode()
    tags = Counter(re.findall(r"<(\w+)", made["html"]))
    return {
        "summary": {level: int(count) for level, count in re.findall(r"^(\w+): ([1-9]\d*)$", made["summary"], re.M)},
        "csv": Counter(row["Severity"] for row in csv.DictReader(io.StringIO(made["csv"], newline=""))),
        "html": tags["li"] - tags["button"] - tags["a"],
        "markup": sorted(set(tags) - MARKUP),
    }


def junit(folder):
    """Suites by what is in them, which must be what they say of themselves."""
    xml = junitparser.JUnitXml.fromfile(str(folder / "audit.xml"))
    suites = [(suite, Counter(kind(case) for case in suite)) for suite in xml]
    for suite, cases in suites:
        said = (suite.tests, suite.failures, suite.errors, suite.skipped)
        failures = sum(count for kind, count in cases.items() if kind.startswith("failure "))
        assert said == (len(suite), failures, cases["error"], cases["skipped"]), f"it says {said} of {dict(cases)}"
    sums = [sum(of) for of in zip(*((suite.tests, suite.failures, suite.errors, suite.skipped) for suite in xml))]
    assert sums == [xml.tests, xml.failures, xml.errors, xml.skipped], f"it says another sum than {sums}"
    return [{"name": suite.name, "cases": +cases} for suite, cases in suites]


def kind(case):
    match case.result:
        case []:
            return "passed"
        case [junitparser.Failure() as failure]:
            return f"failure {failure.type}"
        case [result]:
            return type(result).__name__.lower()


def metrics(folder):
    """By both parsers: Prometheus reads OpenMetrics, its textfile collector the older text format."""
    text = (folder / "audit.prom").read_text()
    series, older = (
        [(sample.name.removeprefix("bootstrap_token_"), sample.labels, sample.value) for family in read(text) for sample in family.samples]
        for read in (openmetrics.text_string_to_metric_families, prometheus.text_string_to_metric_families)
    )
    assert series == older, "the parsers differ"
    assert len(series) == len({str(sample[:2]) for sample in series}), "a series twice"
    findings = Counter()
    for labels, count in [sample[1:] for sample in series if sample[0] == "findings"]:
        findings[f"{labels['cluster']} {labels['severity']}"] += count
    of_clusters = lambda name: {labels["cluster"]: value for of, labels, value in series if of == name}
    times = sorted(set(of_clusters("audit_timestamp_seconds").values()))
    return {"findings": findings, "success": of_clusters("audit_success"), "time": times}


def judged(judge, folder):
    try:
        return judge(folder)
    except Exception as refusal:  # whatever a judge has against it
        return {"refused": f"{type(refusal).__name__}: {refusal}".splitlines()[0]}


judges, *folders = map(pathlib.Path, sys.argv[1:])
schema = json.loads((judges / "sarif-schema.json").read_text())
SCHEMA = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
VALIDATED, BROWSED = validated(folders, judges), browsed(folders, judges)
JUDGES = (document, sarif, validator, tools, junit, metrics, markdown, page)
stdout, sys.stdout = sys.stdout, sys.stderr  # sarif-tools talks
answers = {folder.name: {judge.__name__: judged(judge, folder) for judge in JUDGES} for folder in folders}
print(json.dumps(answers), file=stdout)
