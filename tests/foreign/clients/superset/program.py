"""Apache Superset, started as its users start it: a database is added, its tables synced, charts drawn over every time grain, a
dashboard with a filter opened in a headless browser. What is slow (its own database, its roles) is made once and kept."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from steps import step, version

PLACE = Path(os.environ["CLIENT_PLACE"])
SUPERSET = str(Path(sys.executable).with_name("superset"))
START_S = 180
READINGS = "readings"
CONFIG = """
import os
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.environ["SUPERSET_HOME"] + "/superset.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
"""
GRAINS = (
    "PT1S", "PT5S", "PT30S", "PT1M", "PT5M", "PT10M", "PT15M", "PT30M", "PT1H", "P1D", "P1W", "P1M", "P3M", "P1Y",
)  # fmt: skip
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1280,1000",
)  # fmt: skip


def environment(home, secret):
    said = {"SUPERSET_CONFIG_PATH": str(PLACE / "superset_config.py"), "SUPERSET_HOME": str(home), "SUPERSET_SECRET_KEY": secret}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | said | {"FLASK_APP": "superset"}


def superset(*words, home, secret):
    done = subprocess.run([SUPERSET, *words], env=environment(home, secret), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"superset {words[0]}: {done.stderr[-2000:]}")


def made(password):
    """A home with Superset's own tables, its roles and an administrator."""
    (PLACE / "superset_config.py").write_text(CONFIG)
    template, key = PLACE / "template", PLACE / "secret"
    if not key.exists():
        shutil.rmtree(template, ignore_errors=True)
        template.mkdir()
        secret = secrets.token_urlsafe(42)
        superset("db", "upgrade", home=template, secret=secret)
        superset("init", home=template, secret=secret)
        key.write_text(secret)
    home = Path(tempfile.mkdtemp(prefix="home-", dir=PLACE))
    shutil.copytree(template, home, dirs_exist_ok=True)
    secret = key.read_text()
    words = ("--username", "ann", "--firstname", "A", "--lastname", "N", "--email", "ann@example.com", "--password", password)
    superset("fab", "create-admin", *words, home=home, secret=secret)
    return home, secret


class Api:
    """Its REST interface, which its pages use; an HTTP error is a value."""

    def __init__(self, base, password):
        self.base, self.token = base, None
        said = self("POST", "/security/login", {"username": "ann", "password": password, "provider": "db"})
        self.token = said["access_token"]

    def __call__(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/api/v1{path}", method=method, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return {"http": error.code, "said": error.read().decode()[:2000]}


def started(home, secret):
    """The server's process and address, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (PLACE / "server.log").open("w") as log:
        words = [SUPERSET, "run", "-h", "127.0.0.1", "-p", str(port), "--with-threads"]
        process = subprocess.Popen(words, env=environment(home, secret), stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(f"{base}/health", timeout=10):
                return process, base
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                sys.exit((PLACE / "server.log").read_text()[-3000:])
            time.sleep(0.5)


def temporal(column, grain):
    """An axis of time, as the chart's form describes it."""
    return {"timeGrain": grain, "columnType": "BASE_AXIS", "sqlExpression": column, "label": column, "expressionType": "SQL"}


def metric(label, text):
    return {"expressionType": "SQL", "sqlExpression": text, "label": label}


def data(api, dataset, **query):
    """A chart's data: rows and their types, in an order of their own unless the query has one."""
    empty = {"columns": [], "metrics": [], "filters": [], "orderby": [], "row_limit": 5000, "extras": {"having": "", "where": ""}}
    body = {"datasource": {"id": dataset, "type": "table"}, "force": True, "result_format": "json", "result_type": "full"}
    said = api("POST", "/chart/data", body | {"queries": [empty | query]})
    if "result" not in said:
        return said
    result = said["result"][0]
    rows = result["data"] if query.get("orderby") else sorted(result["data"], key=lambda row: json.dumps(row, sort_keys=True))
    return {"rows": rows, "types": result.get("coltypes"), "names": result.get("colnames"), "error": result.get("error")}


def lab(api, database, text, limit=1000):
    """A statement of SQL Lab."""
    said = api(
        "POST", "/sqllab/execute/",
        {"database_id": database, "sql": text, "schema": "public", "runAsync": False, "client_id": secrets.token_hex(5),
         "queryLimit": limit, "tab": "one", "sql_editor_id": "1", "select_as_cta": False, "expand_data": True},
    )  # fmt: skip
    if "data" not in said:
        return said
    return {"rows": said["data"], "columns": [(column["name"], column["type"]) for column in said["columns"]]}


def sync(api, database):
    """What a user sees of the database before the first chart; the datasets by table."""
    step("schemas", lambda: sorted(api("GET", f"/database/{database}/schemas/")["result"]))
    found = step(
        "tables",
        lambda: sorted(
            (table["value"], table["type"])
            for table in api("GET", f"/database/{database}/tables/?q=(force:!t,schema_name:public)")["result"]
        ),
    )
    datasets = {}
    for table, _ in found or ():
        named = urllib.parse.urlencode({"name": table, "schema": "public"})
        step(f"describe {table}", lambda named=named: api("GET", f"/database/{database}/table_metadata/?{named}"))
        said = api("POST", "/dataset/", {"database": database, "schema": "public", "table_name": table})
        step(f"dataset {table}", lambda said=said: "id" in said or said)
        if "id" in said:
            datasets[table] = said["id"]
            step(f"columns of {table}", lambda at=said["id"]: columns(api, at))
    return datasets


def columns(api, dataset):
    """Name, type, whether a time, and what it says of itself."""
    found = api("GET", f"/dataset/{dataset}")["result"]["columns"]
    return sorted((c["column_name"], c["type"], c["is_dttm"], c["description"]) for c in found)


def charts(api, dataset):
    """Each time grain, each kind of filter and metric; the parts of a page over a table."""
    count, mean = metric("n", "count(*)"), metric("mean", "avg(price)")
    for grain in GRAINS:
        step(
            f"chart by {grain}",
            lambda grain=grain: data(api, dataset, columns=[temporal("ts", grain)], metrics=[count, mean], orderby=[["ts", True]]),
        )
    in_order = [["site", True], ["status", True]]
    step("chart of series", lambda: data(api, dataset, columns=[temporal("ts", "P1D"), "site"], metrics=[count]))
    step("chart of groups", lambda: data(api, dataset, columns=["site", "status"], metrics=[count, mean], orderby=in_order))
    simple = {"expressionType": "SIMPLE", "column": {"column_name": "total"}, "aggregate": "MAX", "label": "most"}
    distinct = {"expressionType": "SIMPLE", "column": {"column_name": "note"}, "aggregate": "COUNT_DISTINCT", "label": "notes"}
    step("chart of one number", lambda: data(api, dataset, metrics=[count, simple, distinct]))
    for operator, value in (("IN", ["north", "east"]), ("NOT IN", ["north"]), ("==", "south"), ("LIKE", "n%"), ("ILIKE", "%O%")):
        filters = [{"col": "site", "op": operator, "val": value}]
        step(f"filter {operator}", lambda filters=filters: data(api, dataset, columns=["site"], metrics=[count], filters=filters))
    for operator in ("IS NULL", "IS NOT NULL"):
        filters = [{"col": "note", "op": operator}]
        step(f"filter {operator}", lambda filters=filters: data(api, dataset, columns=["note"], metrics=[count], filters=filters))
    between = [{"col": "ts", "op": "TEMPORAL_RANGE", "val": "2024-04-01 : 2024-04-05"}]
    step("filter of time", lambda: data(api, dataset, columns=["site"], metrics=[count], filters=between))
    having = {"having": "count(*) > 100", "where": "(temp > 0 OR temp IS NULL)"}
    step("filter in SQL", lambda: data(api, dataset, columns=["status"], metrics=[count], extras=having))
    limited = {"series_columns": ["device"], "series_limit": 2, "series_limit_metric": mean}
    step("series limit", lambda: data(api, dataset, columns=[temporal("ts", "P1W"), "device"], metrics=[mean], **limited))
    step("values of a filter", lambda: sorted(api("GET", f"/datasource/table/{dataset}/column/site/values/")["result"]))
    raw = ["site", "device", "ts", "temp", "total", "price", "ok", "note", "day"]
    step("raw rows", lambda: data(api, dataset, columns=raw, orderby=[["ts", True]], row_limit=50))
    samples = {"result_type": "samples"}
    step("samples", lambda: len(data(api, dataset, columns=[], row_limit=20, **samples)["rows"]))


def laboratory(api, database):
    step("SQL Lab", lambda: lab(api, database, "SELECT site, count(*) AS n, max(ts) AS last FROM readings GROUP BY 1 ORDER BY 1"))
    step("SQL Lab types", lambda: lab(api, database, "SELECT * FROM kinds WHERE id < 8 ORDER BY id"))
    step("SQL Lab odd names", lambda: lab(api, database, 'SELECT * FROM plant."Odd names" ORDER BY 1'))
    step(
        "SQL Lab join",
        lambda: lab(api, database, "SELECT model, sum(price) FROM readings JOIN devices USING (device) GROUP BY 1 ORDER BY 1"),
    )
    step("SQL Lab wrong column", lambda: error_of(lab(api, database, "SELECT nope FROM readings")))
    step("SQL Lab wrong syntax", lambda: error_of(lab(api, database, "SELECT FROM WHERE")))
    step(
        "SQL Lab template",
        lambda: lab(api, database, "SELECT count(*) AS n FROM readings WHERE site IN ('north', 'east') LIMIT 5", 2),
    )


def error_of(said):
    """The first line of each error's message."""
    return [error["message"].split("\n")[0] for error in json.loads(said["said"])["errors"]] if "said" in said else said


def dashboard(api, dataset):
    """Three charts and a filter; its number."""
    count = metric("n", "count(*)")
    whole = {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": "ts",
        "operator": "TEMPORAL_RANGE",
        "comparator": "No filter",
    }
    kinds = {
        "By day": (
            "echarts_timeseries_line",
            {"x_axis": "ts", "time_grain_sqla": "P1D", "groupby": ["site"], "adhoc_filters": [whole]},
        ),
        "By site": ("table", {"query_mode": "aggregate", "groupby": ["site"], "all_columns": []}),
        "All": ("big_number_total", {"metric": count}),
    }
    tree = {"DASHBOARD_VERSION_KEY": "v2", "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]}}
    tree["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]}
    charts = []
    for at, (title, (kind, said)) in enumerate(kinds.items()):
        params = {
            "datasource": f"{dataset}__table",
            "viz_type": kind,
            "metrics": [count],
            "adhoc_filters": [],
            "row_limit": 1000,
        } | said
        body = {
            "slice_name": title,
            "viz_type": kind,
            "datasource_id": dataset,
            "datasource_type": "table",
            "params": json.dumps(params),
        }
        charts.append(api("POST", "/chart/", body)["id"])
        row, place = f"ROW-{at}", f"CHART-{at}"
        tree["GRID_ID"]["children"].append(row)
        above = ["ROOT_ID", "GRID_ID"]
        tree[row] = {
            "type": "ROW",
            "id": row,
            "children": [place],
            "parents": above,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        meta = {"width": 12, "height": 30, "chartId": charts[-1], "sliceName": title}
        tree[place] = {"type": "CHART", "id": place, "children": [], "parents": [*above, row], "meta": meta}
    box = {
        "id": "NATIVE_FILTER-site", "name": "Site", "filterType": "filter_select", "type": "NATIVE_FILTER", "cascadeParentIds": [],
        "targets": [{"datasetId": dataset, "column": {"name": "site"}}], "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "controlValues": {"multiSelect": True, "enableEmptyFilter": False, "inverseSelection": False},
    }  # fmt: skip
    body = {
        "dashboard_title": "Readings", "published": True, "position_json": json.dumps(tree),
        "json_metadata": json.dumps({"native_filter_configuration": [box]}),
    }  # fmt: skip
    number = api("POST", "/dashboard/", body)["id"]
    for chart in charts:
        api("PUT", f"/chart/{chart}", {"dashboards": [number]})
    return number


def seen(base, number, password):
    """The dashboard in a browser: which of its words and drawings are there."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    profile = tempfile.mkdtemp(dir=PLACE)
    for word in (*CHROMIUM, f"--user-data-dir={profile}"):
        options.add_argument(word)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        wait = WebDriverWait(driver, 120)
        driver.get(f"{base}/login/")
        wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, "#username"))
        driver.find_element(By.CSS_SELECTOR, "#username").send_keys("ann")
        driver.find_element(By.CSS_SELECTOR, "#password").send_keys(password)
        driver.find_element(By.CSS_SELECTOR, "button[type=submit], input[type=submit], button.ant-btn-primary").click()
        wait.until(lambda d: "/login" not in d.current_url)
        driver.get(f"{base}/superset/dashboard/{number}/")
        wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, ".dashboard-component-chart-holder canvas"))
        wait.until(lambda d: "1500" in words(d) or "1.5k" in words(d))
        wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, ".dashboard-component-chart-holder td"))
        wait.until(lambda d: "3 options" in words(d))
        driver.save_screenshot(str(PLACE / "dashboard.png"))
        cells = [cell.text for cell in driver.find_elements(By.CSS_SELECTOR, ".dashboard-component-chart-holder td")]
        errors = [part.text for part in driver.find_elements(By.CSS_SELECTOR, "[data-test=error-message], .ant-alert-error")]
        return {"cells": sorted(cells), "errors": errors}
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def words(driver):
    return driver.find_element(By.TAG_NAME, "body").text


def main():
    password = secrets.token_urlsafe(12)
    home, secret = made(password)
    process, base = started(home, secret)
    try:
        version(__import__("importlib.metadata").metadata.version("apache-superset"))
        api = Api(base, password)
        uri = f"postgresql+psycopg2:{os.environ['CLIENT_URL']}"
        step(
            "test the connection", lambda: api("POST", "/database/test_connection/", {"sqlalchemy_uri": uri, "database_name": "f"})
        )
        wrong = uri.rpartition("/")[0] + "/no_such_database"
        step(
            "test a wrong one",
            lambda: api("POST", "/database/test_connection/", {"sqlalchemy_uri": wrong, "database_name": "w"})["http"],
        )
        database = api("POST", "/database/", {"database_name": "f", "sqlalchemy_uri": uri, "expose_in_sqllab": True})["id"]
        datasets = sync(api, database)
        laboratory(api, database)
        if READINGS in datasets:
            charts(api, datasets[READINGS])
            number = dashboard(api, datasets[READINGS])
            step("dashboard in a browser", lambda: seen(base, number, password))
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


main()
