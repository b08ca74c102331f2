"""The stepper in a real browser: in JupyterLab and out of it, with a kernel, without, untrusted."""

import json
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import browser
import nbformat
import pytest

import nn
from autograd import Value
from autograd.show.drawing import layout
from autograd.show.stepping.frames import Step
from autograd.show.wording import amount

HEAD = """
import autograd.numpy as np
from autograd import Tensor, Value
"""
PROGRAMS = {
    "readme": """
a, b = Value(2.0, label="a"), Value(-3.0, label="b")
loss = (a * b).tanh() + a ** b
steps = loss.steps()
""",
    "micrograd": """
a, b = Value(-4.0), Value(2.0)
c = a + b
d = a * b + b**3
c += c + 1
c += 1 + c + (-a)
d += d * 2 + (b + a).relu()
d += 3 * d + (b - a).relu()
e = c - d
f = e**2
g = f / 2.0
g += 10.0 / f
steps = g.steps()
""",
    "descent": """
w = Value(5.0, label="w")
loss = (w - 3.0) ** 2
def update():
    w.data -= 0.2 * w.grad
steps = loss.steps(update=update)
""",
    "matrices": """
X = Tensor([[0.5, -1.0], [2.0, 3.0], [-0.25, 0.0]])
W = Tensor([[0.1, -0.2, 0.0], [0.3, 0.4, 1.0]], requires_grad=True)
b = Tensor([0.0, 0.5, 0.0], requires_grad=True)
W.label, b.label = "W", "b"
h = np.maximum(X @ W + b, 0.0)
h.label = "<!--<script>"
loss = np.sum(h ** 2)
steps = loss.steps()
""",
    "labels": """
hack = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
x = Value(0.0, label=hack)
y = Value(-1.0, label='"quoted" \\'single\\' & \\\\ {|} </div></table>\\nnext line')
z = Value(3.0, label="größe 漢字 \U0001f642" + "x" * 10_000)
loss = x.relu() * y + (y.log() + x) * z + x.log()
loss.label = "grad loss"
loss = loss * 2.0
loss.label = "data loss"
steps = loss.steps()
""",
}
LINES = ("symbols", "numbers", "code")
KNOB = 16                                   # pixels


def run(name):
    """The `steps` of a program."""
    scope = {}
    exec(HEAD + PROGRAMS[name], scope)
    return scope["steps"]


@pytest.fixture(scope="module")
def folder():
    """For the browser's profile, JupyterLab's data and the notebooks."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture(scope="module")
def driver(folder):
    """The browser of these tests."""
    if lack := browser.missing():
        pytest.skip(lack)
    with browser.chromium(folder) as started:
        yield started


@pytest.fixture(scope="module")
def lab(folder, driver):
    """The JupyterLab of these tests."""
    if lack := browser.missing("jupyterlab", "nbconvert"):
        pytest.skip(lack)
    with browser.jupyterlab(folder, driver) as started:
        yield started


@pytest.fixture(autouse=True)
def nothing_is_fetched(request):
    """Fail a test in which the browser asked for anything from elsewhere."""
    yield
    if "driver" in request.fixturenames:
        asked = browser.requests(request.getfixturevalue("driver"))
        assert not [url for url in asked if not re.match(r"\w+://127\.0\.0\.1[:/]", url)]


class Stepper:
    """A stepper on the screen, worked as a person does."""

    def __init__(self, driver, root):
        self.driver, self.root = driver, root

    @property
    def frame(self):
        return int(self.root.get_attribute("data-frame"))

    def find(self, css):
        return self.root.find_element("css selector", css)

    def ask(self, expression, *words):
        """The value of an expression in JavaScript about `root`, this stepper."""
        code = f"const [root, ...words] = arguments; return {expression};"
        return self.driver.execute_script(code, self.root, *words)

    def click(self, css):
        """The frame after a click there."""
        self.find(css).click()
        return self.frame

    def press(self, key):
        self.actions().send_keys(key).perform()
        return self.frame

    def actions(self):
        from selenium.webdriver import ActionChains

        return ActionChains(self.driver)

    def drag(self, share):
        """Pull the slider's knob from where it is to a share of the slider's length."""
        slider = self.find(".ws-slider")
        room = slider.size["width"] - KNOB
        now, there = (round(room * (part - 0.5)) for part in (self.frame / (self.count - 1), share))
        self.actions().move_to_element_with_offset(slider, now, 0).click_and_hold() \
            .move_to_element_with_offset(slider, there, 0).release().perform()
        return self.frame

    @property
    def count(self):
        return int(self.root.get_attribute("data-frames"))

    @property
    def shown(self):
        """Its frame, the lines that it shows, and the ids of the edges that are lit."""
        lines = self.ask("[root.dataset.frame, ...words.map(word => "
                         "root.querySelector('.ws-' + word).textContent)]", "phase", *LINES)
        lit = self.ask("[...root.querySelectorAll('.ws-current')].map(edge => edge.id)")
        return int(lines[0]), lines[1], lines[2:], lit

    @property
    def rows(self):
        """The cells of the table."""
        return self.ask("[...root.querySelectorAll('tbody tr')].map(row => "
                        "[...row.cells].map(cell => cell.textContent))")


def console(driver):
    """The errors on the console of the page since the last call."""
    return [line["message"] for line in driver.get_log("browser") if line["level"] == "SEVERE"]


def said(frame):
    """What is to be read about a frame."""
    return [frame.symbols, frame.numbers, frame.code]


def opened(driver, steps, path):
    """The stepper of a page of its own."""
    driver.get(steps.save(path).as_uri())
    return Stepper(driver, driver.find_element("css selector", ".wengert-stepper"))


def try_out(stepper, steps):
    """Work every control of a stepper that stands at its beginning."""
    from selenium.webdriver import Keys

    last = len(steps.frames) - 1
    assert stepper.count == last + 1 and stepper.frame == 0
    assert not stepper.find(":scope > img").is_displayed()
    assert stepper.find(".ws-picture svg").is_displayed()
    assert [stepper.click(".ws-step") for _ in range(3)] == [1, 2, 3]
    assert stepper.shown[2] == said(steps.frames[3])
    assert stepper.click(".ws-back") == 2 and stepper.click(".ws-reset") == 0
    assert stepper.click(".ws-back") == 0
    stepper.find(".ws-phase").click()                       # the keys follow the click
    assert [stepper.press(key) for key in (Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT,
                                           Keys.END, Keys.ARROW_RIGHT, Keys.HOME)] \
        == [1, 2, 1, last, last, 0]
    assert stepper.drag(1) == last and stepper.drag(0) == 0
    assert abs(stepper.drag(0.5) - last / 2) <= 1
    assert stepper.shown[2] == said(steps.frames[stepper.frame])
    for node, id in steps.picture[1].items():
        if steps.into(node):
            assert stepper.click(f".ws-picture [id$='-{id}']") == steps.frames.index(steps.at(node))
    stepper.click(".ws-reset")
    assert stepper.press(" ") == 0                          # on the button it is another Reset
    assert stepper.find(".ws-play").text == "Play"
    stepper.find(".ws-phase").click()
    stepper.press(" ")
    browser.until(lambda: stepper.frame > 0, "Space does not play")
    stepper.press(" ")
    stepper.click(".ws-reset")


# ---- a page of its own ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_frame_says_what_steps_says(driver, tmp_path, name):
    steps = run(name)
    stepper = opened(driver, steps, tmp_path / "page.html")
    frames, (graph, ids) = list(enumerate(steps.frames)), steps.picture
    drawn = [text.text for text in ElementTree.fromstring(graph.svg()).iterfind(".//{*}text")]
    texts = "[...root.querySelectorAll('.ws-picture text')].map(text => text.textContent)"
    begun = stepper.ask(texts)
    assert {box.label for box in graph.boxes} <= {*begun}
    assert begun.count("grad –") == len(ids)            # nothing is known before it is computed
    assert begun.count("data …") == sum(node.op is not None for node in ids) - 1
    assert stepper.rows == [[str(k + 1), frame.phase, *said(frame)]
                            for k, frame in frames]
    for css, order in ((".ws-step", frames), (".ws-back", frames[::-1])):
        button, slider = stepper.find(css), stepper.find(".ws-slider")
        for k, frame in order:
            now, phase, lines, lit = stepper.shown
            assert (now, lines) == (k, said(frame)) and phase.startswith(frame.phase)
            assert slider.get_property("value") == str(k)
            if isinstance(frame, Step):
                edge = f"{graph.name}-{ids[frame.node]}e"
                assert f"{edge}{frame.i}" in lit and {*lit} <= {f"{edge}{frame.i}", edge}
            if frame is steps[-1]:                  # every number as where no script may run
                assert stepper.ask(texts) == drawn
            button.click()
    assert stepper.ask(texts) == begun and console(driver) == []


@pytest.mark.parametrize("name", ["descent", "matrices", "labels"])
def test_a_page_is_worked_by_buttons_keys_slider_and_clicks(driver, tmp_path, name):
    steps = run(name)
    try_out(opened(driver, steps, tmp_path / "page.html"), steps)
    assert console(driver) == []


def test_folded_blocks_are_lit_and_show_their_numbers_when_these_are_complete(driver, tmp_path):
    loss = nn.MLP(2, [2, 1], seed=0)([Value(1.0), Value(2.0)])
    steps = loss.steps(depth=1)
    stepper = opened(driver, steps, tmp_path / "page.html")
    graph, ids = steps.picture
    blocks = {box.id for box in graph.boxes if box.inside}
    assert len(blocks) == 2
    field = "[...root.querySelector(`[id='${words[0]}']`).querySelectorAll('text')].map(" \
            "text => text.textContent).find(text => text.startsWith(words[1]))"
    stroke = "root.querySelector(`[id='${words[0]}'] polygon`).getAttribute('stroke')"
    move = ("(slider => { slider.value = words[0]; slider.dispatchEvent(new Event('input')); })"
            "(root.querySelector('.ws-slider'))")
    for block in blocks:
        name = f"{graph.name}-{block}"
        made = [k for k, frame in enumerate(steps.frames)
                if frame.phase in ("forward", "loss") and ids[frame.node] == block]
        final = [k for k, frame in enumerate(steps.frames)
                 if (isinstance(frame, Step) and frame.adds and ids[frame.operand] == block)
                 or (frame is steps.seed and ids[frame.node] == block)]
        for k, part, known in ((made[-1] - 1, "data", False), (made[-1], "data", True),
                               (final[-1] - 1, "grad", False), (final[-1], "grad", True)):
            stepper.ask(move, k)
            assert (stepper.ask(field, name, part) in ("data …", "grad –")) != known
        stepper.ask(move, made[0])
        assert stepper.ask(stroke, name) == "#d9480f"
    assert console(driver) == []


def test_play_goes_on_until_it_is_stopped_or_at_the_end(driver, tmp_path):
    stepper = opened(driver, run("descent"), tmp_path / "page.html")
    stepper.click(".ws-play")
    browser.until(lambda: stepper.frame == 2, "Play does not go on")
    frame = stepper.click(".ws-play")
    stepper.ask("new Promise(done => setTimeout(done, 1500))")
    assert stepper.frame == frame
    stepper.drag(1)
    stepper.click(".ws-back")
    stepper.click(".ws-play")
    browser.until(lambda: stepper.frame == stepper.count - 1, "Play does not reach the end")
    assert stepper.click(".ws-play") == 0           # at the end it starts again


@pytest.mark.parametrize("name", PROGRAMS)
def test_breakpoints_stop_at_each_such_step(driver, tmp_path, name):
    steps = run(name)
    stepper = opened(driver, steps, tmp_path / "page.html")
    for choice, stops in (("grad", lambda step: not step.size <= 2.5),
                          ("nan", lambda step: not math.isfinite(step.size)),
                          ("kink", lambda step: step.kink)):
        stepper.click(".ws-reset")
        stepper.find(f".ws-until option[value={choice}]").click()
        if choice == "grad":
            stepper.find(".ws-threshold").clear()
            stepper.find(".ws-threshold").send_keys("2.5")
        assert stepper.find(".ws-threshold").is_displayed() == (choice == "grad")
        expected = [k for k, frame in enumerate(steps.frames)
                    if isinstance(frame, Step) and stops(frame)]
        assert [stepper.click(".ws-run") for _ in expected] == expected
        assert stepper.click(".ws-run") == (expected or [0])[-1]    # there is no other
    assert console(driver) == []


def test_an_element_of_an_array_opens(driver, tmp_path):
    steps = run("matrices")
    stepper = opened(driver, steps, tmp_path / "page.html")
    (data,) = (node.data for node, name in steps.names.items() if name == "<!--<script>")
    for place in ((0, 0), (1, 2)):
        (choice,) = (option for option in stepper.root.find_elements("css selector", "option")
                     if option.text == f"<!--<script>[{place[0]}, {place[1]}]")
        choice.click()
        assert stepper.find(".ws-element svg").is_displayed()
        assert f"data {amount(float(data[place]))}" in stepper.find(".ws-element").text.split("\n")
    assert stepper.frame == 0 and console(driver) == []


def test_keys_that_mean_something_else_still_do(driver, tmp_path):
    from selenium.webdriver import Keys

    stepper = opened(driver, run("matrices"), tmp_path / "page.html")
    stepper.click(".ws-phase")
    for keys in (Keys.CONTROL + Keys.END, Keys.ALT + Keys.END, Keys.SHIFT + Keys.ARROW_RIGHT):
        stepper.root.send_keys(keys)
        assert stepper.frame == 0
    stepper.ask("root.querySelector('summary').focus()")
    stepper.press(" ")
    assert stepper.find("table").is_displayed() and stepper.find(".ws-play").text == "Play"
    stepper.find(".ws-threshold").send_keys(Keys.HOME, "1", Keys.END, "0")
    assert stepper.frame == 0 and stepper.ask("root.querySelector('.ws-threshold').value") == "110"


def test_labels_are_shown_and_not_run(driver, tmp_path):
    stepper = opened(driver, run("labels"), tmp_path / "page.html")
    stepper.find("summary").click()
    assert "<script>" in stepper.find("table").text
    stepper.drag(1)
    assert stepper.ask("window.hacked") is None


@pytest.mark.parametrize("name", PROGRAMS)
def test_without_scripts_the_picture_and_the_table_are_there(driver, tmp_path, name):
    steps = run(name)
    page = re.sub(r"<script.*?</script>", "", steps._repr_html_(), flags=re.DOTALL)
    path = tmp_path / "page.html"
    path.write_text(f'<meta charset="utf-8">{page}', encoding="utf-8")
    driver.get(path.as_uri())
    see_picture_and_table(Stepper(driver, driver.find_element("css selector", "body > div")), steps)


def see_picture_and_table(stepper, steps):
    """What is left of a stepper that may run no script."""
    assert stepper.find(":scope > img").is_displayed()
    browser.until(lambda: stepper.ask("root.querySelector('img').naturalWidth"), "no picture")
    assert stepper.rows[-1][1:] == [steps.frames[-1].phase, *said(steps.frames[-1])]
    assert len(stepper.rows) == len(steps.frames) and not stepper.find("table").is_displayed()
    stepper.find("summary").click()
    assert stepper.find("table").is_displayed()
    assert not stepper.root.get_attribute("data-frame")
    assert not stepper.root.find_elements("css selector", "button, input")


@pytest.mark.parametrize("name", PROGRAMS)
def test_where_no_program_can_draw_the_lines_are_still_stepped(driver, tmp_path, monkeypatch, name):
    monkeypatch.setattr(layout, "render", lambda source, format: None)
    steps = run(name)
    stepper = opened(driver, steps, tmp_path / "page.html")
    assert stepper.click(".ws-step") == 1 and stepper.shown[2] == said(steps.frames[1])
    assert stepper.drag(1) == len(steps.frames) - 1
    assert console(driver) == [] and stepper.ask("window.hacked") is None


def test_the_report_of_the_penguins_is_whole_and_its_stepper_steps(driver, tmp_path):
    pytest.importorskip("palmerpenguins", reason="install palmerpenguins")
    subprocess.run([sys.executable, "-m", "nn", "penguins", "--epochs", "2", "--out", tmp_path],
                   env=browser.private(tmp_path), check=True, capture_output=True,
                   timeout=browser.SECONDS)
    driver.get((tmp_path / "report.html").as_uri())
    stepper = Stepper(driver, driver.find_element("css selector", ".wengert-stepper"))
    assert stepper.click(".ws-step") == 1 and stepper.drag(1) == stepper.count - 1
    stepper.click(".ws-back")
    assert stepper.shown[2] == stepper.rows[-2][2:]
    images = "[...document.querySelectorAll('img')].map(image => image.naturalWidth)"
    browser.until(lambda: min(stepper.ask(images)) > 0, "a picture is missing")
    assert console(driver) == []


def test_nothing_in_a_stepper_is_an_address():
    for name in PROGRAMS:
        text = run(name)._repr_html_()
        assert set(re.findall(r"\w+://([^/]*)", text)) <= {"www.w3.org"}     # names of namespaces
        assert text == run(name)._repr_html_()


def test_the_stepper_of_micrograds_example_has_less_than_150_kb():
    assert len(run("micrograd")._repr_html_().encode()) < 150_000


# ---- JupyterLab ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(lab):
    """A notebook that was run and saved in JupyterLab: steps, and the same once more below."""
    write(lab, "kept.ipynb", notebook())
    lab.open("kept.ipynb")
    lab.run()
    lab.save()
    return json.loads((lab.folder / "kept.ipynb").read_text(encoding="utf-8"))


def notebook():
    """A new notebook with two steppers of one program."""
    first = HEAD + PROGRAMS["readme"] + "steps"
    cells = [("markdown", "Steps"), ("code", first), ("code", "steps")]
    made = [{"cell_type": kind, "id": f"cell-{i}", "metadata": {}, "source": source}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for i, (kind, source) in enumerate(cells)]
    return {"cells": made, "nbformat": 4, "nbformat_minor": 5, "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}}


def write(lab, name, content):
    (lab.folder / name).write_text(json.dumps(content), encoding="utf-8")


def steppers(lab, count=2):
    """The steppers on the screen, once there are so many."""
    def find():
        found = lab.driver.find_elements("css selector", ".jp-OutputArea .wengert-stepper")
        return len(found) == count and found

    return [Stepper(lab.driver, root) for root in browser.until(find, "the steppers are missing")]


def try_out_in(lab):
    """Work a stepper of the notebook: neither the other nor the notebook moves."""
    first, second = steppers(lab)
    where = "[panel.content.mode, panel.content.activeCellIndex]"
    first.find(".ws-phase").click()
    before = lab.ask(where)
    try_out(first, run("readme"))
    assert before == lab.ask(where)
    first.click(".ws-step")
    assert second.click(".ws-step") == 1 and second.click(".ws-step") == 2 and first.frame == 1


def test_live_in_jupyterlab(lab):
    write(lab, "live.ipynb", notebook())
    lab.open("live.ipynb")
    lab.run()
    try_out_in(lab)


def test_saved_and_opened_without_a_kernel(lab, kept):
    """On a machine that has no such kernel; the notebook is trusted, and no cell is run."""
    from nbformat.sign import NotebookNotary

    kernel = {"name": "gone", "display_name": "Gone"}
    content = kept | {"metadata": {"kernelspec": kernel}}
    write(lab, "saved.ipynb", content)
    notary = NotebookNotary(data_dir=lab.data)
    notary.sign(nbformat.from_dict(content))
    notary.store.close()
    lab.open("saved.ipynb")
    lab.click("button", "No Kernel")
    try_out_in(lab)
    assert lab.ask("panel.sessionContext.session") is None


def test_an_untrusted_copy_shows_the_picture_and_the_table(lab, kept):
    write(lab, "untrusted.ipynb", kept | {"metadata": kept["metadata"] | {"copy": 1}})
    lab.open("untrusted.ipynb")
    for stepper in steppers(lab):
        see_picture_and_table(stepper, run("readme"))
    assert not lab.ask("panel.content.model.cells.get(1).trusted")


def test_a_cell_run_in_an_untrusted_copy_comes_alive_alone(lab, kept):
    write(lab, "cloned.ipynb", kept | {"metadata": kept["metadata"] | {"copy": 2}})
    lab.open("cloned.ipynb")
    steppers(lab)
    source = json.dumps(HEAD + PROGRAMS["readme"] + "steps")
    lab.ask(f"panel.content.widgets[2].model.sharedModel.setSource({source})")
    lab.ask("panel.content.activeCellIndex = 2")
    lab.run("notebook:run-cell")
    still, alive = browser.until(
        lambda: (found := steppers(lab))[1].root.get_attribute("data-frame") and found,
        "the stepper of the cell that was run stays asleep")
    see_picture_and_table(still, run("readme"))
    try_out(alive, run("readme"))


def test_exported_by_nbconvert(lab, kept, tmp_path):
    write(lab, "exported.ipynb", kept)
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", "exported.ipynb"],
                   cwd=lab.folder, env=browser.private(tmp_path), check=True, capture_output=True,
                   timeout=browser.SECONDS)
    driver = lab.driver
    driver.get("about:blank")
    browser.requests(driver)
    driver.get((lab.folder / "exported.html").as_uri())
    first, second = steppers(lab)
    try_out(first, run("readme"))
    assert second.click(".ws-step") == 1 and first.frame == 0
    # nbconvert's own page asks for two scripts there, and does without them.
    assert {url.split("/")[2] for url in browser.requests(driver)} <= {"cdnjs.cloudflare.com"}
