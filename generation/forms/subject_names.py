"""What a subject might be called and of which kind it is, by the prompt of its image or video."""

import re
from collections.abc import Iterable, Iterator

from generation.catalogue import mentions, signs
from generation.models import SubjectKind

HANDLE = re.compile(rf"({mentions.IMAGE}|{mentions.VIDEO})[0-9]+", re.IGNORECASE)
WORD = re.compile(rf"\w(?:[\w-]|[{signs.MARKS}])*")
CLAUSE = re.compile(r"[.,;:!?()\[\]\n，。；：！？、（）【】|/]|\s[-–—]\s")
HANGUL = re.compile("[\uac00-\ud7af]")  # its words have spaces between them
MOST_WORDS = 3
SHORT = 24  # of words with spaces between them
SHORT_UNSPACED = 10  # of a script without


def set_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


# "Create a cinematic wide shot of": how a picture is asked for is not what is in it.
SHOWN_BY = (
    "photo photograph photography picture pic image portrait shot close-up closeup view video clip"
    " footage illustration painting drawing sketch render rendering still scene headshot selfie"
    " snapshot film animation depiction"
).replace(" ", "|")
LEAD_IN = re.compile(
    r"(?:please\s+)?(?:(?:create|generate|make|show|draw|paint|render|imagine)\s+(?:me\s+)?)?"
    rf"(?:(?:[\w'-]+\s+){{0,5}}?(?:{SHOWN_BY})s?\s+(?:of|showing|featuring|with)\s+)?",
    re.IGNORECASE,
)
ARTICLES = set_of(
    "a an the my our your his her their this that one some two three 한 ein eine der die "
    "das un une le la les el los las uno una il lo"
)
POSSESSIVE = re.compile(r"['’]s\b")
STOPS = set_of(
    "in on at by with under over above below beneath beside through near of from into "
    "onto inside outside behind before after across against along around between to and "
    "or but as while who that which is are was were has wearing holding standing sitting "
    "walking running looking smiling facing в на с у под над из за по для auf im mit am "
    "bei unter über en sur dans avec sous chez con sobre bajo su in nel على في من مع تحت"
)
LEAD_IN_HAN = re.compile(
    r"(?:请)?(?:帮我|给我)?(?:生成|创建|制作|画|拍摄|展示)?(?:关于)?"
    r"(?:[一两三几][个位名只条张幅段件辆座朵棵匹头把台艘架间栋])?"
)
SHOWN_BY_HAN = re.compile(r"的?(?:照片|图片|图像|画像|肖像|特写|视频|插画|画面|镜头|海报)$")
STOPS_HAN = re.compile(r"正在|站在|坐在|走在|跑在|躺在|位于|[在正站坐走跑躺]")

KINDS: dict[str, frozenset[str]] = {
    SubjectKind.PERSON: set_of(
    "person woman man girl boy lady child kid baby teenager people actor actress model "
    "dancer singer chef doctor nurse soldier knight queen king prince princess warrior "
    "astronaut athlete runner musician teacher student worker businessman businesswoman "
    "mother father grandmother grandfather detective pilot sailor bride groom wizard "
    "witch hero heroine"
),
    SubjectKind.ANIMAL: set_of(
    "animal cat kitten dog puppy fox wolf bear lion tiger horse pony bird owl eagle fish "
    "shark whale dolphin rabbit bunny mouse deer cow sheep goat pig duck penguin panda "
    "monkey elephant giraffe zebra snake turtle frog dragon unicorn dinosaur bee "
    "butterfly parrot raccoon squirrel otter hedgehog"
),
    SubjectKind.PLACE: set_of(
    "place city town village street alley road room kitchen bedroom office house building "
    "skyscraper castle temple church forest jungle desert beach coast island mountain "
    "valley river lake ocean sea waterfall harbor harbour park garden landscape skyline "
    "cafe bar restaurant hotel shop store station airport bridge lighthouse library "
    "museum studio interior cliff meadow field canyon"
),
    SubjectKind.THING: set_of(
    "thing product bottle flacon perfume car truck bike bicycle motorcycle boat ship "
    "plane train rocket robot phone camera watch ring necklace shoe shoes sneaker "
    "sneakers boot bag handbag dress coat jacket hat chair table lamp sofa cup mug glass "
    "book guitar piano sword toy ball cake bread fruit apple burger pizza coffee flower "
    "rose"
),
}  # fmt: skip
KINDS_HAN: dict[str, re.Pattern[str]] = {
    SubjectKind.PERSON: re.compile(
        r"[人女男孩]|姑娘|少年|少女|老师|医生|演员|战士|公主|王子|宇航员"
    ),
    SubjectKind.ANIMAL: re.compile(
        r"[猫狗狐狼熊狮虎马鸟鹰鱼鲸兔鼠鹿牛羊猪鸭象蛇龟龙]|狐狸|企鹅|熊猫|动物"
    ),
    SubjectKind.PLACE: re.compile(
        r"城市|街|房间|厨房|办公室|森林|沙漠|海滩|公园|花园|灯塔|咖啡馆|酒店|[岛山河湖海桥]"
    ),
    SubjectKind.THING: re.compile(
        r"香水|汽车|飞机|机器人|手机|相机|手表|戒指|外套|玩具|蛋糕|产品|[瓶车船鞋包裙帽椅桌灯杯书]"
    ),
}


def name_from(prompt: str, taken: Iterable[str] = (), otherwise: str = "") -> str:
    """A short, legal and free name out of what a prompt shows; else `otherwise`, made free."""
    used = set(map(signs.key_of, taken))
    for name in ("-".join(shown_terms(prompt)), otherwise):
        name = cut(name, mentions.MOST)
        if mentions.is_name(name) and not HANDLE.fullmatch(name):
            return free(name, used)
    return ""


def free(name: str, used: set[str]) -> str:
    """This name, or with the first number that nobody has."""
    number = 1
    while signs.key_of(name if number == 1 else numbered(name, number)) in used:
        number += 1
    return name if number == 1 else numbered(name, number)


def numbered(name: str, number: int) -> str:
    end = f"-{number}"
    return f"{cut(name, mentions.MOST - len(end))}{end}"


def cut(text: str, most: int) -> str:
    """Its beginning, never through a letter and the signs that are written on it."""
    end = min(most, len(text))
    while 0 < end < len(text) and (signs.is_mark(text[end]) or text[end - 1] in signs.JOINERS):
        end -= 1
    return text[:end].strip("-_" + signs.JOINERS)


def shown_terms(prompt: str) -> list[str]:
    """The few words that name what is shown, without how it is shown."""
    text = re.sub(rf"[{mentions.AT}]", "", POSSESSIVE.sub("", signs.normal(prompt[:300])))
    text = text[lead.end() :] if (lead := LEAD_IN.match(text.lstrip())) else text.lstrip()
    first = next((part for part in CLAUSE.split(text) if part and part.strip()), "").strip()
    terms: list[str] = []
    for word in named(first):
        if sum(map(len, terms)) + len(word) > SHORT and terms:
            break
        terms.append(word)
        if len(terms) == MOST_WORDS:
            break
    return terms


def named(text: str) -> Iterator[str]:
    """Its words up to the first that says where it is or what it does."""
    begun = False
    for word in WORD.findall(text):
        if signs.writes_without_spaces(word[0]) and not HANGUL.match(word):
            short = cut(unspaced(word), SHORT_UNSPACED)
            if short:
                yield short
            return
        plain = word.casefold()
        if not begun and plain in ARTICLES:
            continue
        if begun and plain in STOPS:
            return
        begun = True
        yield word.strip("-_")


def unspaced(word: str) -> str:
    """A run of Chinese as a name: no measure word before it, nothing of where it stands."""
    if not mentions.has_han(word):
        return word
    rest = SHOWN_BY_HAN.sub("", LEAD_IN_HAN.sub("", word, count=1)) or word
    return STOPS_HAN.split(rest)[0] or rest


def kind_from(prompt: str) -> str:
    """The kind that the words of a prompt say; empty where they say none."""
    text = signs.normal(prompt[:300])
    lead = LEAD_IN.match(text.lstrip())
    terms = [word.casefold() for word in WORD.findall(text.lstrip()[lead.end() if lead else 0 :])]
    for word in terms:
        for kind, known in KINDS.items():
            if word in known or (word.endswith("s") and word[:-1] in known):
                return str(kind)
    # In Chinese the noun comes last: what a woman in a red coat wears is not what she is.
    shown = "".join(shown_terms(prompt))
    found = [
        (match.end(), str(kind))
        for kind, pattern in KINDS_HAN.items()
        for match in pattern.finditer(shown)
    ]
    return max(found)[1] if found else ""
