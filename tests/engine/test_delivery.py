"""Copies that carry marks: made once, never half, bounded, and gone with their original."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone, translation
from PIL import Image

from generation.engine import delete_team, delivery, purge
from generation.engine.delivery import delivered_file, delivered_lengths
from generation.media import storage
from generation.media.provenance import xmp
from generation.media.provenance.carried import read_carried
from generation.models import DeliveryCopy, DeliveryRules, Media, Output
from tests.at_once import at_once
from tests.factories import make_media, make_output, make_task, make_user, make_video, team_of
from tests.media import sample_videos

LATER = timezone.now() + timedelta(days=31)


def content(path: str) -> bytes:
    with default_storage.open(path) as file:
        return file.read()


def chosen(user, **fields) -> DeliveryRules:
    rules, _new = DeliveryRules.objects.update_or_create(team=team_of(user), defaults=fields)
    return rules


def with_hash(media: Media) -> Media:
    media.sha256 = hashlib.sha256(content(media.path)).hexdigest()
    media.save()
    return media


def result(user, media: Media | None = None, **fields) -> Output:
    media = with_hash(media or make_media(user, uploaded=False))
    made = make_output(user, make_task(user, status="succeeded", **fields), media=media)
    return again(made)


def again(output: Output) -> Output:
    rows = Output.objects.select_related("media", "task", "team__delivery_rules")
    return rows.get(pk=output.pk)


def stored_files() -> set[str]:
    root = Path(default_storage.location)
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return {str(path) for path in found if path.parts[0] != storage.SCRATCH}


def test_without_a_choice_the_original_is_sent(user):
    output = result(user)
    sent = delivered_file(output)
    assert (sent.path, sent.sha256, sent.is_copy) == (
        output.media.path, output.media.sha256, False,
    )  # fmt: skip
    assert not DeliveryCopy.objects.exists()


@pytest.mark.parametrize("kind", ["png", "mp4"])
def test_a_copy_is_made_once_and_the_original_stays(user, kind):
    chosen(user, source_mark=True, aigc_keys=True)
    video = make_video(user, sample_videos.video()) if kind == "mp4" else None
    output = result(user, video, provider="vidu-cn")
    before = content(output.media.path)
    sent, second = delivered_file(output), delivered_file(output)
    assert sent == second
    assert sent.is_copy
    data = content(sent.path)
    assert (len(data), hashlib.sha256(data).hexdigest()) == (sent.bytes, sent.sha256)
    assert content(output.media.path) == before
    assert hashlib.sha256(before).hexdigest() == output.media.sha256 != sent.sha256
    assert read_carried(storage.local_root() / sent.path) == "ai,aigc"
    assert delivered_lengths([output]) == {output.pk: sent.bytes}
    assert sent.extension == kind


def test_nothing_in_it_names_a_person_a_prompt_or_a_number_of_ours(user):
    chosen(user, source_mark=True, aigc_keys=True)
    output = result(user, provider="vidu-cn", prompt="A secret campaign")
    packet = Image.open(io.BytesIO(content(delivered_file(output).path))).info["xmp"]
    assert xmp.aigc_in(packet) == {
        "Label": "1", "ContentProducer": "Vidu China", "ProduceID": output.media.sha256[:32],
        "ReservedCode1": "", "ContentPropagator": "", "PropagateID": "", "ReservedCode2": "",
    }  # fmt: skip
    for hidden in (b"Nadia", b"secret", b"nadia@"):
        assert hidden not in packet


def test_the_same_file_whatever_language_asks(user):
    chosen(user, aigc_keys=True)
    output = result(user, provider="vidu-cn")
    with translation.override("zh-hans"):
        first = delivered_file(output)
    delivery.forget_file(DeliveryCopy.objects.get())
    assert delivered_file(output).sha256 == first.sha256


def test_another_choice_is_another_copy_and_the_hash_of_the_first_stays(user):
    chosen(user, source_mark=True)
    output = result(user)
    first = delivered_file(output)
    chosen(user, aigc_keys=True)
    second = delivered_file(again(output))
    assert first.sha256 != second.sha256
    known = set(DeliveryCopy.objects.values_list("sha256", flat=True))
    assert known == {first.sha256, second.sha256}
    chosen(user, source_mark=False, aigc_keys=False)
    assert not delivered_file(again(output)).is_copy


def test_what_cannot_carry_marks_is_sent_as_it_is(user):
    chosen(user, source_mark=True)
    odd = make_video(user, b"no video at all")
    signed = make_media(user, uploaded=False, carried="c2pa,ai")
    webm = make_video(user, sample_videos.video(), format="webm")
    for media in (odd, signed, webm):
        sent = delivered_file(result(user, media))
        assert (sent.path, sent.is_copy) == (media.path, False)


def test_a_copy_that_a_disk_lost_or_cut_off_is_made_again(user):
    chosen(user, source_mark=True)
    output = result(user)
    sent = delivered_file(output)
    path = storage.local_root() / sent.path
    path.unlink()
    second = delivered_file(output)
    assert (second.sha256, second.path == sent.path) == (sent.sha256, False)
    (storage.local_root() / second.path).write_bytes(content(second.path)[:-1])
    third = delivered_file(output)
    assert hashlib.sha256(content(third.path)).hexdigest() == sent.sha256


def test_a_lost_original_is_not_hidden(user):
    chosen(user, source_mark=True)
    output = result(user)
    default_storage.delete(output.media.path)
    with pytest.raises(FileNotFoundError):
        delivered_file(output)
    assert delivered_lengths([output]) == {}


# --- Kills and races ------------------------------------------------------------------------------


class KilledHereError(BaseException):
    """As if the process had ended: nothing of ours catches it."""


STEPS = ["write_copy", "reserve", "store_as", "publish"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.django_db(transaction=True)
def test_a_kill_at_any_step_leaves_no_half_copy(user, monkeypatch, step, when):
    chosen(user, source_mark=True)
    output = result(user)
    before = stored_files()
    home = storage if step == "store_as" else delivery
    real = getattr(home, step)

    def kill(*given, **named):
        if when == "after":
            real(*given, **named)
        raise KilledHereError

    with monkeypatch.context() as broken:
        broken.setattr(home, step, kill)
        with pytest.raises(KilledHereError):
            delivered_file(output)
    sent = delivered_file(output)
    assert hashlib.sha256(content(sent.path)).hexdigest() == sent.sha256
    assert read_carried(storage.local_root() / sent.path) == "ai"
    assert stored_files() == before | {sent.path}, "something is left behind"


@pytest.mark.django_db(transaction=True)
def test_what_was_broken_off_and_never_asked_for_again_is_swept(user, monkeypatch):
    chosen(user, source_mark=True)
    output = result(user)
    before = stored_files()

    def kill(*_given):
        raise KilledHereError

    with monkeypatch.context() as broken:
        broken.setattr(delivery, "publish", kill)
        with pytest.raises(KilledHereError):
            delivered_file(output)
    assert stored_files() != before
    assert delivery.purge_copies(timezone.now()) == 0  # it may be under way
    assert delivery.purge_copies(timezone.now() + timedelta(hours=2)) == 1
    assert stored_files() == before


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one(user, monkeypatch):
    chosen(user, source_mark=True)
    output = result(user)
    before, written, real = stored_files(), [], delivery.write_copy
    monkeypatch.setattr(delivery, "write_copy", lambda *given: written.append(1) or real(*given))
    found = []
    assert at_once(lambda: found.append(delivered_file(again(output)))) == []
    assert len(found) == 4
    assert len(set(found)) == len(written) == DeliveryCopy.objects.count() == 1
    assert stored_files() == before | {found[0].path}


@pytest.mark.django_db(transaction=True)
def test_another_machine_that_makes_the_same_wins_or_loses_as_one(user, monkeypatch):
    """Its lock is not ours: the row decides, and no file is left that no row names."""
    chosen(user, source_mark=True)
    output = result(user)
    before, real, turns = stored_files(), storage.store_as, []

    def store_late(path, name):
        if not turns:
            turns.append(1)
            delivery.write_and_keep(again(output), delivery.recipe_of(output))
        return real(path, name)

    monkeypatch.setattr(storage, "store_as", store_late)
    sent = delivered_file(output)
    assert stored_files() == before | {sent.path}
    assert DeliveryCopy.objects.get().path == sent.path


@pytest.mark.django_db(transaction=True)
def test_an_original_that_is_purged_meanwhile_leaves_nothing(user, monkeypatch):
    chosen(user, source_mark=True)
    output = result(user)
    real = storage.store_as

    def store_late(path, name):
        Output.objects.filter(pk=output.pk).delete()
        purge.remove_unused(Media.objects.get(pk=output.media_id))
        return real(path, name)

    before = stored_files()
    monkeypatch.setattr(storage, "store_as", store_late)
    with pytest.raises(FileNotFoundError):
        delivered_file(output)
    assert not stored_files() - before


# --- Their end ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_copy_goes_with_its_original(user):
    chosen(user, source_mark=True)
    output = result(user)
    before = stored_files()
    sent = delivered_file(output)
    output.trash(user)
    assert purge.purge_trash(LATER) == 1
    assert stored_files() & ({sent.path} | before) == before - {
        output.media.path, output.media.thumb_path, output.media.preview_path
    }  # fmt: skip
    assert not DeliveryCopy.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_copy_goes_with_its_team(user):
    chosen(user, source_mark=True)
    output = result(user)
    sent = delivered_file(output)
    for _piece in range(3):
        delete_team.purge_piece(output.team)
    assert sent.path not in stored_files()
    assert not DeliveryRules.objects.exists()


def test_what_nobody_asks_for_makes_room_and_stays_known(user):
    chosen(user, source_mark=True)
    old, new = result(user), result(user)
    sent = delivered_file(old)
    delivered_file(new)
    DeliveryCopy.objects.filter(media=old.media).update(used_at=timezone.now() - delivery.KEPT)
    assert delivery.purge_copies(timezone.now() + timedelta(seconds=1)) == 1
    assert not default_storage.exists(sent.path)
    row = DeliveryCopy.objects.get(media=old.media)
    assert (row.sha256, row.path, row.made_at) == (sent.sha256, "", None)
    assert delivered_file(old).sha256 == sent.sha256


def test_too_many_copies_make_room_the_longest_unused_first(user, monkeypatch):
    chosen(user, source_mark=True)
    outputs = [result(user) for _ in range(4)]
    sizes = []
    for number, output in enumerate(outputs):
        sizes.append(delivered_file(output).bytes)
        long_ago = timezone.now() - timedelta(hours=9 - number)
        DeliveryCopy.objects.filter(media=output.media).update(used_at=long_ago)
    monkeypatch.setattr(delivery, "MOST_BYTES", sum(sizes[2:]) + 1)
    assert delivery.purge_copies(timezone.now()) == 2
    kept = DeliveryCopy.objects.exclude(path="").values_list("media", flat=True)
    assert set(kept) == {output.media_id for output in outputs[2:]}
    assert delivery.purge_copies(timezone.now()) == 0


def test_a_full_disk_makes_no_copy(user, monkeypatch):
    chosen(user, source_mark=True)
    output = result(user)
    before = stored_files()
    monkeypatch.setattr(storage, "enough_space", lambda _needed: False)
    with pytest.raises(storage.NoSpace):
        delivered_file(output)
    assert stored_files() == before
    assert not DeliveryCopy.objects.exists()


def test_who_asks_again_the_same_day_writes_nothing(user, django_assert_num_queries):
    chosen(user, source_mark=True)
    output = result(user)
    delivered_file(output)
    with django_assert_num_queries(1):
        delivered_file(output)
    DeliveryCopy.objects.update(used_at=timezone.now() - timedelta(days=2))
    delivered_file(output)
    assert DeliveryCopy.objects.get().used_at > timezone.now() - timedelta(hours=1)


def test_the_rules_of_one_team_are_not_those_of_another(user):
    chosen(user, source_mark=True)
    assert not delivered_file(result(make_user())).is_copy
