"""Exports as WordPress writes them, made for a test: a few posts, or hundreds of megabytes."""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).parents[2] / "payloads" / "wordpress"
SITE = "https://www.auposte.example"


def cdata(text: str) -> str:
    """As `wxr_cdata()` does: what would end the section is split over two."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def item(post_id: int, title: str = "", content: str = "", **given: Any) -> str:
    """One `<item>`. `terms` are (domain, nicename, name), `meta` are (key, value)."""
    name = given.get("name", "")
    facts = {
        "link": f"{SITE}/{name}/" if name else f"{SITE}/?p={post_id}",
        "guid": f"{SITE}/?p={post_id}",
        "excerpt": "",
        "date": "2024-03-05 20:00:00",
        "date_gmt": "2024-03-05 19:00:00",
        "modified": "2024-03-06 08:00:00",
        "status": "publish",
        "type": "post",
        "parent": 0,
        "password": "",
        "terms": (),
        "meta": (),
        "attachment": "",
    } | given
    terms = "".join(
        f'<category domain="{domain}" nicename="{nicename}">{cdata(words)}</category>\n'
        for domain, nicename, words in facts["terms"]
    )
    meta = "".join(
        f"<wp:postmeta><wp:meta_key>{cdata(key)}</wp:meta_key>"
        f"<wp:meta_value>{cdata(value)}</wp:meta_value></wp:postmeta>\n"
        for key, value in facts["meta"]
    )
    attachment = facts["attachment"] and (
        f"<wp:attachment_url>{cdata(facts['attachment'])}</wp:attachment_url>\n"
    )
    return f"""<item>
<title>{cdata(title)}</title>
<link>{facts["link"]}</link>
<pubDate>Tue, 05 Mar 2024 19:00:00 +0000</pubDate>
<dc:creator>{cdata("redac")}</dc:creator>
<guid isPermaLink="false">{facts["guid"]}</guid>
<content:encoded>{cdata(content)}</content:encoded>
<excerpt:encoded>{cdata(facts["excerpt"])}</excerpt:encoded>
<wp:post_id>{post_id}</wp:post_id>
<wp:post_date>{cdata(facts["date"])}</wp:post_date>
<wp:post_date_gmt>{cdata(facts["date_gmt"])}</wp:post_date_gmt>
<wp:post_modified_gmt>{cdata(facts["modified"])}</wp:post_modified_gmt>
<wp:post_name>{cdata(name)}</wp:post_name>
<wp:status>{cdata(facts["status"])}</wp:status>
<wp:post_parent>{facts["parent"]}</wp:post_parent>
<wp:post_type>{cdata(facts["type"])}</wp:post_type>
<wp:post_password>{cdata(facts["password"])}</wp:post_password>
{attachment}{terms}{meta}</item>
"""


def attachment(post_id: int, url: str, **given: Any) -> str:
    """A file of the media library; `alt` is its text, `excerpt` its caption."""
    alt = given.pop("alt", "")
    meta = (("_wp_attachment_image_alt", alt),) if alt else ()
    return item(
        post_id, url.rpartition("/")[2], type="attachment", status="inherit",
        attachment=url, meta=meta, **given,
    )  # fmt: skip


def head(version: str = "1.2", more: str = "") -> str:
    """Everything before the first item."""
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
  xmlns:excerpt="http://wordpress.org/export/{version}/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:wp="http://wordpress.org/export/{version}/">
<channel>
<title>Au Poste</title>
<link>{SITE}</link>
<wp:wxr_version>{version}</wp:wxr_version>
<wp:base_site_url>{SITE}</wp:base_site_url>
<wp:base_blog_url>{SITE}</wp:base_blog_url>
{more}"""


TAIL = "</channel>\n</rss>\n"


def export(*items: str, version: str = "1.2", more: str = "") -> str:
    return head(version, more) + "".join(items) + TAIL


def write(path: Path, *items: str, **given: str) -> Path:
    """An export with these items in a file."""
    path.write_text(export(*items, **given), encoding="utf-8")
    return path


WORDS = (
    "la", "police", "préfecture", "tribunal", "direct", "micro", "place", "nuit",
    "manifestation", "loi", "libertés", "quartier", "élue", "avocat", "enquête", "vidéo",
    "caméra", "témoin", "banlieue", "presse", "vérité", "récit", "question", "silence",
)  # fmt: skip


def big_items(megabytes: float, seed: int = 1) -> Iterable[str]:
    """Posts, attachments, revisions and comments that weigh about so much together."""
    chance = random.Random(seed)
    left = int(megabytes * 1_000_000)
    post_id = 10
    while left > 0:
        post_id += 3
        paragraphs = [
            " ".join(chance.choices(WORDS, k=90)).capitalize() + "."
            for _ in range(chance.randint(4, 28))
        ]
        paragraphs.insert(2, "[auposte_bandeau_don]")
        paragraphs.insert(
            3,
            f'[caption id="attachment_{post_id + 1}" width="640"]<img src="{SITE}/wp-content/'
            f'uploads/2024/{post_id}-640x480.jpg" alt="" /> Légende {post_id}[/caption]',
        )
        paragraphs.append(f'<a href="{SITE}/?p={10 + 3 * chance.randint(1, 3000)}">avant</a>')
        comments = "".join(
            f"<wp:comment><wp:comment_id>{post_id}{n}</wp:comment_id><wp:comment_content>"
            f"{cdata(' '.join(chance.choices(WORDS, k=60)))}</wp:comment_content></wp:comment>"
            for n in range(chance.randint(0, 6))
        )
        title = f"{' '.join(chance.choices(WORDS, k=6)).capitalize()} - S10E{post_id % 90:02d}"
        body = "\n\n".join(paragraphs)
        text = item(
            post_id,
            title,
            f"https://youtu.be/v{post_id:010d}\n\n{body}",
            name=f"article-{post_id}",
            terms=(
                ("post_tag", "saison-10", "Saison 10"),
                ("category", f"c-{post_id % 40}", f"Rubrique {post_id % 40}"),
                ("invite", f"i-{post_id % 700}", f"Nom{post_id % 700} Prénom"),
            ),
            meta=(("_thumbnail_id", str(post_id + 1)),),
        ).replace("</item>", f"{comments}</item>")
        text += attachment(post_id + 1, f"{SITE}/wp-content/uploads/2024/{post_id}.jpg", alt="Alt")
        text += item(post_id + 2, title, body, type="revision", status="inherit")
        left -= len(text.encode())
        yield text


def write_big(path: Path, megabytes: float) -> Path:
    """An export of about this weight."""
    with path.open("w", encoding="utf-8") as file:
        file.write(head())
        file.writelines(big_items(megabytes))
        file.write(TAIL)
    return path
