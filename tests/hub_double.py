"""A Hugging Face Hub on the loopback interface: what its client needs of one, and its moods."""

import base64
import hashlib
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

OWNER, READER = "hf_owner_of_everything", "hf_may_only_read"


class RefusedError(Exception):
    """An answer that is an error: status, X-Error-Code, message."""


@dataclass
class Repo:
    private: bool = False
    gated: bool = False
    refs: dict = field(default_factory=dict)  # branch or tag: commit
    commits: dict = field(default_factory=dict)  # commit: {path: content}
    messages: list = field(default_factory=list)

    def commit(self, branch, files, message):
        files = {**self.commits.get(self.refs.get(branch), {}), **files}
        oid = hashlib.sha1(repr((branch, len(self.messages), sorted(files))).encode()).hexdigest()
        self.refs[branch], self.commits[oid] = oid, files
        self.messages.append(message)
        return oid

    def at(self, revision):
        commit = self.refs.get(revision, revision)
        if commit not in self.commits:
            raise RefusedError(404, "RevisionNotFound", "Invalid rev id")
        return commit


@dataclass
class Hub:
    """The server's state; a test may change it between requests."""

    address: str = ""
    repos: dict = field(default_factory=dict)
    requests: list = field(default_factory=list)  # "METHOD path"
    uploaded: dict = field(default_factory=dict)  # sha256: content
    xet_store: str = ""  # a folder; "" serves large files without xet
    xet_hashes: dict = field(default_factory=dict)  # sha256: xet's own hash
    mood: object = None  # a function of "METHOD path" that may return a status, or ("cut", bytes)

    def put(self, name, files, **settings):
        """Make a repository with one commit, and return that."""
        repo = self.repos.setdefault(name, Repo())
        for key, value in settings.items():
            setattr(repo, key, value)
        return repo.commit("main", files, "by hand")

    def know(self, content, xet_hash):
        """Take note of what xet will store without showing it to the Hub."""
        sha = hashlib.sha256(content).hexdigest()
        self.uploaded[sha], self.xet_hashes[sha] = content, xet_hash


READ = r"(?:datasets/)?\w+/[\w.-]+"  # what is read from; nothing is written to data sets
ROUTES = [
    (verb, re.compile(pattern), name)
    for verb, pattern, name in [
        ("POST", r"/api/repos/create", "create"),
        ("POST", r"/api/validate-yaml", "validate"),
        ("POST", r"/api/models/(?P<repo>\w+/[\w.-]+)/preupload/(?P<rev>.+)", "preupload"),
        ("POST", r"/api/models/(?P<repo>\w+/[\w.-]+)/branch/(?P<rev>.+)", "point"),
        ("POST", r"/api/models/(?P<repo>\w+/[\w.-]+)/tag/(?P<rev>.+)", "tag"),
        ("POST", r"/api/models/(?P<repo>\w+/[\w.-]+)/commit/(?P<rev>.+)", "commit"),
        ("POST", r"/(?P<repo>\w+/[\w.-]+).git/info/lfs/objects/batch", "batch"),
        ("PUT", r"/lfs/(?P<sha>\w+)", "store"),
        ("GET", r"/api/models/(?P<repo>\w+/[\w.-]+)/xet-\w+-token/(?P<rev>.+)", "xet_token"),
        ("GET", rf"/api/models/(?P<repo>{READ})/tree/(?P<rev>[^/]+)", "tree"),
        ("GET", rf"/api/models/(?P<repo>{READ})/revision/(?P<rev>.+)", "info"),
        ("GET", rf"/api/models/(?P<repo>{READ})", "info"),
        (
            "GET",
            r"/(?P<repo>(?:datasets/)?\w+/[\w.-]+)/resolve/(?P<rev>[^/]+)/(?P<path>.+)",
            "resolve",
        ),
    ]
]


def is_large(path):
    return path.endswith((".safetensors", ".png", ".parquet", ".zip"))


def listing(files):
    for path, content in files.items():
        entry = {"type": "file", "path": path, "rfilename": path, "size": len(content)}
        blob = b"blob %d\0" % len(content) + content  # as Git hashes it
        entry["oid"] = entry["blobId"] = hashlib.sha1(blob).hexdigest()
        if is_large(path):
            sha = hashlib.sha256(content).hexdigest()
            entry["lfs"] = {"oid": sha, "sha256": sha, "size": len(content), "pointerSize": 100}
        yield entry


DATASET_ID = re.compile(r"(?:[\w-]+/)?[\w.-]+", re.ASCII)
LICENSES = {"apache-2.0", "mit", "cc0-1.0", "cc-by-4.0", "cc-by-nc-4.0", "other", "unknown"}


def faults(card):
    """Return what the Hub says of a card's front matter: errors and warnings.

    It looks at `license`, `datasets` and `model-index`; the words are those that users report.
    """
    parts = re.match(r"\s*---\n(.*?)\n---[ \t]*(\n|$)", card, re.DOTALL)
    if not parts:
        return [], ["empty or missing yaml metadata in repo card"]
    try:
        matter = yaml.safe_load(parts[1])
    except yaml.YAMLError as error:
        return [f"bad YAML: {error}"], []
    errors = []
    if matter.get("license", "mit") not in LICENSES:
        errors.append(f'"license" must be one of {sorted(LICENSES)}')
    for index, name in enumerate(matter.get("datasets", [])):
        if not isinstance(name, str) or not DATASET_ID.fullmatch(name):
            errors.append(
                f'"datasets[{index}]" with value "{name}" is not valid. If possible, use a dataset '
                "id from https://hf.co/datasets."
            )
    for model in matter.get("model-index", []):
        if not model.get("name"):
            errors.append('"model-index[0].name" is required')
        for result in model["results"]:
            if not DATASET_ID.fullmatch(str(result["dataset"]["type"])):
                errors.append('"model-index[0].results[0].dataset.type" fails to match the pattern')
            if any(each.get("value") is None for each in result["metrics"]):
                errors.append('"model-index[0].results[0].metrics[0].value" is required')
    return errors, []


def handler(hub):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do(self):
            path = unquote(urlsplit(self.path).path)
            path = path.replace("/api/datasets/", "/api/models/datasets/")
            self.query = parse_qs(urlsplit(self.path).query)
            self.body = self.read_body()
            hub.requests.append(f"{self.command} {path}")
            self.cut = None
            try:
                mood = hub.mood(hub.requests[-1]) if hub.mood else None
                if isinstance(mood, int):
                    raise RefusedError(mood, "", f"your token is {self.headers['Authorization']}")
                self.cut = mood and mood[1]
                verb = "GET" if self.command == "HEAD" else self.command
                for method, pattern, name in ROUTES:
                    if method == verb and (match := pattern.fullmatch(path)):
                        parts = match.groupdict()
                        if "repo" in parts:
                            parts["repo"] = self.repo(parts["repo"])
                        return getattr(self, name)(**parts)
                raise RefusedError(404, "EntryNotFound", "no such page")
            except RefusedError as refusal:
                status, code, message = refusal.args
                headers = {"X-Error-Code": code} if code else {}
                headers["X-Error-Message"] = message
                self.answer({"error": message, "url": f"{hub.address}/me/gan"}, status, headers)

        def read_body(self):
            if self.headers["Transfer-Encoding"] != "chunked":
                return self.rfile.read(int(self.headers["Content-Length"] or 0))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        do_GET = do_HEAD = do_POST = do_PUT = do  # noqa: N815

        def answer(self, content=b"", status=200, headers=None):
            is_json = not isinstance(content, bytes)
            content = json.dumps(content).encode() if is_json else content
            kind = "application/json" if is_json else "application/octet-stream"
            self.send_response(status)
            for key, value in {
                "Content-Type": kind,
                "Content-Length": len(content),
                **(headers or {}),
            }.items():
                self.send_header(key, str(value))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content[: self.cut])

        @property
        def token(self):
            return (self.headers["Authorization"] or "").removeprefix("Bearer ")

        def may_write(self):
            if self.token != OWNER:
                message = "You have read access only" if self.token else "Who are you?"
                raise RefusedError(403 if self.token else 401, "", message)

        def repo(self, name):
            repo = hub.repos.get(name)
            if not repo or (repo.private and self.token not in (OWNER, READER)):
                raise RefusedError(
                    404 if self.token else 401, "RepoNotFound", "Repository not found"
                )
            if self.command == "POST":
                self.may_write()
            elif repo.gated and self.token != OWNER:
                raise RefusedError(403 if self.token else 401, "GatedRepo", "Access is restricted")
            repo.name = name
            return repo

        def create(self):
            self.may_write()
            asked = json.loads(self.body)
            name = f"{asked.get('organization') or 'me'}/{asked['name']}"
            if not name.startswith("me/"):
                raise RefusedError(403, "", "You have no rights in this namespace")
            if name in hub.repos:
                raise RefusedError(409, "", "You already created this model repo")
            private = asked.get("private") or asked.get("visibility") == "private"
            hub.put(name, {".gitattributes": b""}, private=bool(private))
            self.answer({"url": f"{hub.address}/{name}", "name": name, "id": name})

        def validate(self):
            errors, warnings = faults(json.loads(self.body)["content"])
            self.answer(
                {
                    "errors": [{"message": each} for each in errors],
                    "warnings": [{"message": each} for each in warnings],
                },
                400 if errors else 200,
            )

        def preupload(self, repo, rev):
            repo.at(rev)
            files = json.loads(self.body)["files"]
            modes = ["lfs" if is_large(each["path"]) else "regular" for each in files]
            self.answer(
                {
                    "files": [
                        {"path": file["path"], "uploadMode": mode, "shouldIgnore": False}
                        for file, mode in zip(files, modes, strict=True)
                    ]
                }
            )

        def point(self, repo, rev):
            if rev in repo.refs:
                raise RefusedError(409, "", "Reference already exists")
            repo.refs[rev] = repo.at("main")
            self.answer({})

        def tag(self, repo, rev):
            repo.refs[json.loads(self.body)["tag"]] = repo.at(rev)
            self.answer({})

        def batch(self, repo):
            objects = json.loads(self.body)["objects"]
            for each in objects:
                each["actions"] = {"upload": {"href": f"{hub.address}/lfs/{each['oid']}"}}
            self.answer({"transfer": "xet" if hub.xet_store else "basic", "objects": objects})

        def store(self, sha):
            hub.uploaded[sha] = self.body
            self.answer()

        def xet_token(self, repo, rev):
            address = f"local://{hub.xet_store}"
            self.answer(
                {"casUrl": address, "accessToken": "x", "exp": 2**32},
                headers={
                    "X-Xet-Cas-Url": address,
                    "X-Xet-Access-Token": "x",
                    "X-Xet-Token-Expiration": 2**32,
                },
            )

        def commit(self, repo, rev):
            repo.at(rev)
            lines = [json.loads(line) for line in self.body.splitlines()]
            files, message = {}, ""
            for line in lines:
                value = line["value"]
                if line["key"] == "header":
                    message = value["summary"]
                elif line["key"] == "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "lfsFile":
                    files[value["path"]] = hub.uploaded[value["oid"]]
            if "README.md" in files and faults(files["README.md"].decode())[0]:
                raise RefusedError(400, "", "Invalid metadata in README.md")
            oid = repo.commit(rev, files, message)
            url = f"{hub.address}/{repo.name}/commit/{oid}"
            self.answer({"commitOid": oid, "commitUrl": url})

        def tree(self, repo, rev):
            self.answer(list(listing(repo.commits[repo.at(rev)])))

        def info(self, repo, rev="main"):
            sha = repo.at(rev)
            files = list(listing(repo.commits[sha]))
            name = repo.name.removeprefix("datasets/")
            self.answer({"id": name, "sha": sha, "private": repo.private, "siblings": files})

        def resolve(self, repo, rev, path):
            sha = repo.at(rev)
            content = repo.commits[sha].get(path)
            if content is None:
                raise RefusedError(404, "EntryNotFound", "Entry not found")
            known = hashlib.sha256(content).hexdigest()
            headers = {"X-Repo-Commit": sha, "ETag": f'"{known}"'}
            if hub.xet_store and known in hub.xet_hashes:
                headers["X-Xet-Hash"] = hub.xet_hashes[known]
                headers["X-Xet-Refresh-Route"] = (
                    f"{hub.address}/api/models/{repo.name}/xet-read-token/{sha}"
                )
            if self.headers["Range"] and self.command == "GET":
                start = int(re.match(r"bytes=(\d+)-", self.headers["Range"])[1])
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
                return self.answer(content[start:], 206, headers)
            self.answer(content, 200, headers)

    return Handler


@contextmanager
def serving():
    """Yield a `Hub` that answers at its address."""
    hub = Hub()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(hub)) as server:
        hub.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hub
        server.shutdown()
        thread.join()
