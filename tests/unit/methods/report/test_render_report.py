"""The report for people: one calm page, whole without a network, that nothing in the data can turn into something else."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import pytest
import report_scene as scene
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.report.render_report import render_report
from graphtwin.methods.report.report_context import ReportContext
from graphtwin.methods.report.report_decisions import decisions
from graphtwin.methods.report.report_graph import MOST_NODES, affected_part, draw_graph
from graphtwin.methods.report.report_layout import HEIGHT, WIDTH, layered
from graphtwin.methods.report.report_sparkline import sparkline
from graphtwin.model.report import SyncStatus
from graphtwin.ports import Sample

SCENES = ("drifted", "in_step", "stopped", "hostile")
VOID = {"meta", "br", "img", "input", "link", "hr"}
SHAPES = {"path", "rect", "circle", "line"}


class Page(HTMLParser):
    """Reads a page strictly: every tag closed in order, every attribute and id noted."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.ids, self.links, self.text = [], [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SHAPES
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def page_of(name):
    return Page(render_report(*getattr(scene, name)()))


@pytest.mark.parametrize("name", SCENES)
def test_a_page_is_well_formed_and_its_links_lead_somewhere(name):
    page = page_of(name)

    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert page.tags.count("h1") == 1


@pytest.mark.parametrize("name", SCENES)
def test_a_page_runs_nothing_and_loads_nothing(name):
    text = render_report(*getattr(scene, name)())
    page = Page(text)

    assert not {"script", "img", "iframe", "link", "object", "form"} & set(page.tags)
    assert not [attribute for attribute, _ in page.attributes if attribute.startswith("on") or attribute == "src"]
    assert all(link.startswith("#") for link in page.links)
    assert not re.search(r"@import|url\((?!#)|https?://", text)
    assert "default-src 'none'" in text


def test_hostile_text_stays_text():
    page = page_of("hostile")
    said = "".join(page.text)

    assert "<script>alert('x')</script>" in said
    assert "\u202e" not in said
    assert "\x00" not in said


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("drifted", "Reality has drifted from the model."),
        ("in_step", "The model and reality agree."),
        ("stopped", "This sync did not finish."),
    ],
)
def test_the_verdict_stands_first_in_plain_words(name, verdict):
    text = render_report(*getattr(scene, name)())

    assert f"<h1>{verdict}</h1>" in text
    assert text.index("<h1>") < text.index("<h2")


def test_a_drift_is_told_with_picture_risk_remedy_command_evidence_and_checks():
    text = render_report(*scene.drifted())
    said = "".join(Page(text).text)

    for part in (
        "shop-api is declared and no process of it runs",
        "0.58 → 0.71",
        "python examples/this-machine/services/run.py --unit shop-api &",
        "graphtwin why this-machine host:local/localhost.cpu_percent",
        "graphtwin sync examples/this-machine/twin.yaml",
        "tool:detect-anomaly:f-01",
        "Transform Success",
        "3 quarantined (heartbeats 3)",
        "integrate → identity-resolution",
        "localhost cpu_percent exceeds 98",
        "42 %",
    ):
        assert part in said
    assert text.count('class="spark"') == 1


def test_the_same_run_makes_the_same_page_whatever_the_order_of_its_parts():
    report, context = scene.drifted()
    state = context.state
    turned = type(state)(
        state.at, dict(reversed(state.entities.items())), dict(reversed(state.edges.items())), state.loose
    )

    again = ReportContext(**{**{f: getattr(context, f) for f in context.__dataclass_fields__}, "state": turned})

    assert render_report(report, again) == render_report(report, context)


def test_sentences_use_the_names_that_people_use():
    state = scene.state_of(
        [scene.entity("pump:x/p1", "pump", "Pump 1"), scene.entity("pump:x/p12", "pump", "Twin"),
         scene.entity("pump:x/p13", "pump", "Twin")], (),
    )  # fmt: skip
    context = ReportContext(state=state, risk={"pump:x/p1": 0.5, "pump:x/p12": 0.4, "pump:x/p13": 0.3})

    assert context.words("pump:x/p1 flow, pump:x/p12, (pump:x/p1).") == "Pump 1 flow, pump:x/p12, (Pump 1)."


def test_a_run_that_is_in_step_has_nothing_to_decide():
    (only,) = decisions(*scene.in_step())

    assert only.title == "Nothing."
    assert only.command == "graphtwin sync twin.yaml"


def test_a_plan_that_failed_and_was_taken_back_says_why_and_asks_to_find_out():
    report, context = scene.taken_back()

    first = decisions(report, context)[0]
    said = "".join(Page(render_report(report, context)).text)

    assert first.title == "Find out why it failed, before it is tried again"
    assert first.command == "graphtwin plan show this-machine plan-1"
    assert "409 Conflict" in first.why
    for part in (
        "Not seen afterwards",
        "Restart shop-api (shop-api): refused; 409 Conflict",
        "needs approval; it was given",
    ):
        assert part in said


def test_what_was_put_right_in_part_isnt_called_put_right():
    report, context = scene.drifted()
    done = report.model_copy(update={"status": SyncStatus.ACTION_TAKEN})
    answered = [finding for finding in context.findings if finding.id in ("f-01", "f-04")]

    part, whole = (render_report(done, one) for one in (context, replace(context, findings=tuple(answered))))

    assert "<h1>Drift was found, and some of it put right.</h1>" in part
    assert "<h1>Drift was found and put right.</h1>" in whole


def test_a_plan_that_could_not_be_taken_back_is_no_sync_that_did_not_finish():
    report, context = scene.taken_back()
    stuck = report.model_copy(
        update={"status": SyncStatus.FAILED, "rollback": report.rollback.model_copy(update={"executed": False})}
    )

    said = "".join(Page(render_report(stuck, context)).text)

    assert "An action failed its check and couldn't be taken back." in said
    assert "409 Conflict. The world is frozen until somebody has looked." in said
    assert "graphtwin unfreeze this-machine" in said


def test_commands_are_quoted_for_the_shell():
    context = ReportContext(file="my twin; rm -rf.yaml")

    assert context.command("sync", context.file) == "graphtwin sync 'my twin; rm -rf.yaml'"


def test_a_source_that_is_silent_is_to_be_mended_first():
    first, *_, last = decisions(*scene.stopped())

    assert (first.title, first.command) == ("Mend the source inventory", "graphtwin source test twin.yaml inventory")
    assert last.command == "graphtwin sync twin.yaml"


def test_the_picture_shows_findings_missing_edges_and_where_risk_travels():
    _, context = scene.drifted()

    picture = affected_part(context)
    svg = draw_graph(context)

    missing = {(link.subject, link.object) for link in picture.links if link.missing}
    declared = {(link.subject, link.object) for link in picture.links if link.declared}
    assert missing == {("service:local/shop-api", "process:local/4712-api")}
    assert declared == {("service:local/shop-db", "endpoint:local/127.0.0.1:8081")}
    assert svg.count('class="node bad"') == 3
    assert svg.count('class="node watch"') == 1
    assert "4712-api" in svg
    assert "expected, not there" in svg


def test_things_that_share_a_name_are_told_apart_in_the_picture():
    ends = [scene.entity(f"sensor:x/t-{number}", "sensor", "Temperature sensor") for number in (1, 2)]
    state = scene.state_of(
        [*ends, scene.entity("room:x/r", "room", "Hall")], [scene.edge(one.id, "in", "room:x/r") for one in ends]
    )
    found = scene.finding("f-1", "rule", "cold", "room:x/r", "Hall is cold")

    said = Page(draw_graph(ReportContext(state=state, findings=(found,)))).text

    assert {"t-1", "t-2", "Hall"} <= set(said)
    assert "Temperature sensor" not in said


def test_a_great_world_makes_a_small_picture_and_says_what_it_left_out():
    hub = scene.entity("host:x/hub", "host")
    spokes = [scene.entity(f"process:x/{n:05}", "process") for n in range(3000)]
    state = scene.state_of([hub, *spokes], [scene.edge(one.id, "runs_on", hub.id) for one in spokes])
    context = ReportContext(state=state, findings=(scene.finding("f-1", "rule", "r", hub.id, "hub is full"),))

    picture = affected_part(context)

    assert len(picture.nodes) == MOST_NODES
    assert picture.hidden == 3001 - MOST_NODES
    assert len(draw_graph(context)) < 40_000


PAIRS = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)).filter(lambda pair: pair[0] != pair[1]), max_size=40)


@given(PAIRS, st.randoms())
def test_boxes_never_overlap_and_no_line_passes_through_one(pairs, chance):
    named = [(f"n{one}", f"n{other}") for one, other in pairs]
    nodes = [f"n{n}" for n in range(16)]
    layout = layered(nodes, named)
    chance.shuffle(named)
    chance.shuffle(nodes)

    assert layered(nodes, named) == layout
    places = sorted(layout.places.values())
    for i, (x, y) in enumerate(places):
        assert 0 <= x <= layout.width - WIDTH
        assert 0 <= y <= layout.height - HEIGHT
        for other_x, other_y in places[i + 1 :]:
            assert other_x >= x + WIDTH or abs(other_y - y) >= HEIGHT
        for way in layout.ways.values():
            for at_x, at_y in way:
                assert not (x <= at_x <= x + WIDTH and y <= at_y <= y + HEIGHT)


def test_a_sparkline_says_in_words_what_it_shows():
    samples = [Sample(n * scene.SECOND, value) for n, value in enumerate((1.0, 2.0, 5.0))]

    svg = sparkline(samples, name="load", unit="By", band=(0.5, 2.5), limits=(None, 6.0), until=60 * scene.SECOND)

    words = "load over 1m: 1 to 5 By, now 5; expected 0.5 to 2.5; limit 6"
    assert svg.count(words) == 2
    assert 'class="band"' in svg
    assert 'class="limit"' in svg


@pytest.mark.parametrize("values", [[], [1.0], ["a", "b"], [True, False]])
def test_without_two_numbers_there_is_no_sparkline(values):
    assert sparkline([Sample(n, value) for n, value in enumerate(values)], name="x") == ""


@given(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=20))
def test_a_sparkline_stays_inside_its_picture(values):
    svg = sparkline([Sample(n, value) for n, value in enumerate(values)], name="x", band=(0.0, 1.0))

    for number in re.findall(r"[VH ](-?[0-9.]+)", re.search(r'class="line" d="([^"]*)"', svg)[1]):
        assert -1 <= float(number) <= 261


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_has_enough_contrast_in_both_themes(theme):
    style = files("graphtwin.methods.report").joinpath("report_style.css").read_text()
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", re.findall(r":root \{([^}]*)\}", style)[theme]))

    pairs = [
        (ink, paper) for ink in ("ink", "soft", "good", "watch", "bad", "link") for paper in ("paper", "card", "wash")
    ]
    for ink, paper in [
        *pairs,
        ("bad", "bad-wash"),
        ("watch", "watch-wash"),
        ("soft", "bad-wash"),
        ("ink", "watch-wash"),
    ]:
        light, dark = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


def test_a_run_that_never_looked_for_drift_doesnt_say_that_all_is_as_expected():
    report, seen = scene.in_step()

    page = render_report(report, replace(seen, judged=False))

    assert "not looked for" in page
    assert "none over the threshold" not in page
    assert "as expected" not in page
