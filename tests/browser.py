"""A browser and a JupyterLab for the tests: found, started in folders of their own, and ended.

Nothing of the machine is read or changed: profile, settings and the database of trusted notebooks
lie in the folder that is given, and no name but 127.0.0.1 can be looked up.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
SECONDS = 60                                # enough for anything here on a slow machine
TOKEN = "stepper"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--disable-background-networking", "--window-size=1200,900",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
LAB = ("-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
       f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True",
       "--LabApp.extension_manager=readonly")
NEWS = "@jupyterlab/apputils-extension:announcements"       # it asks, and it would go out


def until(condition, what):
    """What the condition returns, as soon as that is true."""
    end = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.02)
    return found


def missing(*packages):
    """What to install for these tests, in one line; empty where all is there."""
    lacks = [name for name in ("selenium", *packages) if find_spec(name) is None]
    if not any(map(shutil.which, BROWSERS)) or not shutil.which("chromedriver"):
        lacks += ["Chromium with its driver (on Debian: apt install chromium chromium-driver)"]
    return f"install {', '.join(lacks)}" if lacks else ""


def private(folder):
    """The environment of a program that keeps to a folder and finds this project."""
    own = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR",
           "MPLCONFIGDIR")
    return os.environ | {name: str(folder / name.lower()) for name in own} | {
        "HOME": str(folder), "PYTHONPATH": str(ROOT)}


@contextmanager
def chromium(folder):
    """A headless Chromium as a selenium driver; it notes its requests and its console."""
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)))
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    service = ChromeService(shutil.which("chromedriver"), env=private(folder))
    driver = Chrome(options, service)
    try:
        driver.set_script_timeout(SECONDS)
        yield driver
    finally:
        driver.quit()


def requests(driver):
    """The addresses that went to the network, or tried to, since the last call."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events
             if event["method"] == "Network.requestWillBeSent"]
    return [url for url in asked if url.startswith(("http", "ws"))]


class Lab:
    """A running JupyterLab: its notebooks and its data, and how to work it."""

    def __init__(self, folder, data, driver, port):
        self.folder, self.data, self.driver = folder, data, driver
        self.address = f"http://127.0.0.1:{port}"

    def open(self, name):
        """Open a notebook in a workspace of its own, when it is on the screen."""
        where = f"{self.address}/lab/workspaces/{Path(name).stem}/tree/{name}"
        self.driver.get(f"{where}?token={TOKEN}")
        until(lambda: self.ask("panel?.context?.isReady && panel.context.path") == name, name)

    def ask(self, expression, *words):
        """The value of an expression in JavaScript about `panel`, the notebook on the screen."""
        find = "const panel = window.jupyterapp && jupyterapp.shell.currentWidget;"
        return self.driver.execute_script(f"{find} return {expression};", *words)

    def run(self, command="notebook:run-all-cells"):
        """Run all cells, or what the command says, until the kernel has answered."""
        self.ask("panel.sessionContext.ready")
        self.ask(f"jupyterapp.commands.execute('{command}')")

    def click(self, css, text):
        """Click the first such element with a text, once it is there."""
        until(lambda: [element for element in self.driver.find_elements("css selector", css)
                       if element.text == text], f"no {css} {text}")[0].click()

    def save(self):
        """Save the notebook, which signs it where every cell was run here."""
        self.ask("panel.context.save()")


@contextmanager
def jupyterlab(folder, driver):
    """A JupyterLab on a free port, for the notebooks in folder/notebooks."""
    env, log = private(folder), folder / "lab.log"
    notebooks, runtime = folder / "notebooks", Path(env["JUPYTER_RUNTIME_DIR"])
    settings = Path(env["JUPYTER_CONFIG_DIR"], "labconfig")
    notebooks.mkdir()
    settings.mkdir(parents=True)
    (settings / "page_config.json").write_text(json.dumps({"disabledExtensions": {NEWS: True}}))
    with open(log, "wb") as out, subprocess.Popen(
            [sys.executable, *LAB, f"--ServerApp.root_dir={notebooks}"], env=env, cwd=folder,
            stdin=subprocess.DEVNULL, stdout=out, stderr=out) as server:
        try:
            port = until(lambda: _port(runtime), log.read_text)
            yield Lab(notebooks, env["JUPYTER_DATA_DIR"], driver, port)
        finally:
            server.terminate()
            try:
                server.wait(SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()


def _port(runtime):
    """The port on which the server listens; None before it does."""
    for path in runtime.glob("jpserver-*.json"):
        try:
            return json.loads(path.read_text())["port"]
        except (OSError, ValueError):       # it is being written
            return None
