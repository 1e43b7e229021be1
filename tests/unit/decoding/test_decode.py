"""Any picture becomes upright RGB pixels of the wanted size, or is called unreadable."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from scoretable.decoding.decode import centre_crop, decode_image, place_box, resize
from scoretable.decoding.unreadable import UnreadableImage
from unit.archives import encode, photo

SIDES = st.integers(1, 90)


def decode(data: bytes, height: int = 24, width: int = 32) -> np.ndarray:
    return decode_image(data, height, width, "stretch").pixels


def reason(data: bytes) -> str:
    with pytest.raises(UnreadableImage) as caught:
        decode(data)
    return str(caught.value)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the root mean square difference in grey levels."""
    return float(np.sqrt(np.mean((one.astype(float) - other.astype(float)) ** 2)))


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return 20 * np.log10(255 / distance(one, other))


def pixels_of(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))


def test_a_photo_of_the_wanted_size_keeps_its_pixels() -> None:
    data = encode(photo(24, 32), "PNG")
    decoded = decode_image(data, 24, 32, "stretch")
    assert np.array_equal(decoded.pixels, pixels_of(photo(24, 32)))
    assert (decoded.source_height, decoded.source_width, decoded.crop) == (24, 32, (0, 0, 32, 24))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(photo(24, 40), kind, exif=exif)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    decoded = decode_image(data, expected.height, expected.width, "stretch")
    assert (decoded.source_height, decoded.source_width) == (expected.height, expected.width)
    assert distance(decoded.pixels, pixels_of(expected)) < 2


def test_an_orientation_that_does_not_exist_counts_as_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 9
    assert np.array_equal(decode(encode(photo(24, 32), exif=exif)), decode(encode(photo(24, 32))))


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_jpegs_of_other_colours_become_rgb(mode: str) -> None:
    image = photo(24, 32).convert(mode)
    assert distance(decode(encode(image, quality=95)), pixels_of(image)) < 6


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_pngs_of_other_modes_become_rgb(mode: str) -> None:
    image = photo(24, 32).convert(mode)
    assert np.array_equal(decode(encode(image, "PNG")), pixels_of(image))


def test_a_transparent_colour_of_a_palette_keeps_its_colour() -> None:
    image = photo(24, 32).convert("P")
    assert np.array_equal(decode(encode(image, "PNG", transparency=b"\x00" * 200)), pixels_of(image))


@pytest.mark.parametrize("kind", ["BMP", "GIF", "TIFF", "WEBP"])
def test_other_formats_are_read(kind: str) -> None:
    assert distance(decode(encode(photo(24, 32), kind)), pixels_of(photo(24, 32))) < 8


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP"])
def test_of_several_frames_the_first_is_read_and_said_to_be_one_of_several(kind: str) -> None:
    first, second = photo(24, 32), photo(24, 32, 1)
    read = decode_image(encode(first, kind, save_all=True, append_images=[second]), 24, 32, "stretch")
    assert read.more_frames
    assert distance(read.pixels, pixels_of(first)) < 8
    assert not decode_image(encode(first, kind), 24, 32, "stretch").more_frames


def test_a_page_that_is_broken_is_one_more_page() -> None:
    pages = encode(photo(24, 32), "TIFF", save_all=True, append_images=[photo(24, 32, 1)])
    second = int.from_bytes(pages[4:8], "little")  # where the first directory of pages begins
    following = second + 2 + 12 * int.from_bytes(pages[second : second + 2], "little")
    broken = pages[: int.from_bytes(pages[following : following + 4], "little") + 2] + bytes(400)
    assert decode_image(broken, 24, 32, "stretch").more_frames


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True), progressive=st.booleans(), closed=st.booleans())
def test_a_jpeg_that_is_cut_short_is_unreadable(share: float, progressive: bool, closed: bool) -> None:
    whole = encode(photo(60, 60), quality=95, progressive=progressive)
    start = whole.index(b"\xff\xda")
    # With an end marker added, only the decoder can tell; of a progressive file that may be a coarser picture.
    assume(not (closed and progressive))
    cut = start + int(share * (len(whole) - start - (40 if closed else 0)))
    assert reason(whole[:cut] + (b"\xff\xd9" if closed else b""))


def test_a_cmyk_jpeg_that_is_cut_short_is_unreadable() -> None:
    whole = encode(photo(60, 60).convert("CMYK"), quality=95)
    assert "premature end" in reason(whole[: len(whole) * 2 // 3] + b"\xff\xd9")


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 0.98))
def test_a_png_that_is_cut_short_is_unreadable(share: float) -> None:
    whole = encode(photo(60, 60), "PNG")
    assert reason(whole[: int(share * len(whole))])


def test_a_whole_jpeg_with_padding_before_its_end_marker_is_read() -> None:
    whole = encode(photo(24, 32), quality=95)
    assert np.array_equal(decode(whole[:-2] + bytes(40) + whole[-2:]), decode(whole))


def test_bytes_after_the_end_of_a_jpeg_do_no_harm() -> None:
    whole = encode(photo(24, 32))
    assert np.array_equal(decode(whole + b"more"), decode(whole))


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff\xd8\xff", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_what_is_no_picture_is_unreadable(data: bytes) -> None:
    assert reason(data)


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"]),
    place=st.floats(0, 1),
    junk=st.binary(min_size=1),
)
def test_damage_is_unreadable_or_harmless_and_nothing_else(kind: str, place: float, junk: bytes) -> None:
    whole = encode(photo(20, 20), kind)
    start = int(place * len(whole))
    try:
        assert decode(whole[:start] + junk + whole[start + len(junk) :]).shape == (24, 32, 3)
    except UnreadableImage as error:
        assert str(error)


@pytest.mark.filterwarnings("ignore:Image size")
def test_a_png_above_100_million_pixels_is_refused_by_its_header() -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 10_001, 10_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    assert "10001x10000 pixels, more than 100 million" in reason(
        b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    )


def test_a_jpeg_above_100_million_pixels_is_refused_by_its_header() -> None:
    data = encode(photo(24, 32))
    size = data.index(b"\xff\xc0") + 5
    assert "10001x10000 pixels" in reason(data[:size] + struct.pack(">HH", 10_000, 10_001) + data[size + 4 :])


def test_without_a_box_all_is_shown() -> None:
    assert place_box(30, 40, None, 0.5) == (0, 0, 40, 30)


def test_a_box_takes_the_pixels_that_it_touches() -> None:
    assert place_box(30, 40, (1.5, 2.0, 10.2, 20.0), 0.0) == (1, 2, 11, 20)


def test_a_margin_is_a_share_of_the_side() -> None:
    assert place_box(100, 100, (20, 40, 40, 80), 0.25) == (15, 30, 45, 90)


@given(
    height=SIDES,
    width=SIDES,
    corner=st.tuples(st.floats(-50, 120), st.floats(-50, 120)),
    size=st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)),
    margin=st.floats(0, 1),
)
def test_a_placed_box_is_in_the_picture_and_covers_the_box(
    height: int, width: int, corner: tuple[float, float], size: tuple[float, float], margin: float
) -> None:
    (x1, y1), (x2, y2) = corner, (corner[0] + size[0], corner[1] + size[1])
    assume(x2 > 0 and y2 > 0 and x1 < width and y1 < height)
    left, top, right, bottom = place_box(height, width, (x1, y1, x2, y2), margin)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert left <= max(x1, 0)
    assert top <= max(y1, 0)
    assert right >= min(x2, width)
    assert bottom >= min(y2, height)


def test_a_box_that_misses_the_picture_is_unreadable() -> None:
    with pytest.raises(UnreadableImage, match="lies outside the picture of 40x30 pixels"):
        place_box(30, 40, (41, 2, 50, 20), 0.0)


@given(left=SIDES, top=SIDES, have=st.tuples(SIDES, SIDES), want=st.tuples(SIDES, SIDES))
def test_a_centred_crop_is_inside_touches_two_sides_and_has_the_aspect(
    left: int, top: int, have: tuple[int, int], want: tuple[int, int]
) -> None:
    new = centre_crop((left, top, left + have[1], top + have[0]), *want)
    width, height = new[2] - new[0], new[3] - new[1]
    assert width == have[1] or height == have[0]
    assert abs(width - height * want[1] / want[0]) <= max(1, want[1] / want[0])
    assert abs((new[0] - left) - (left + have[1] - new[2])) <= 1
    assert abs((new[1] - top) - (top + have[0] - new[3])) <= 1
    assert new[0] >= left
    assert new[1] >= top


def test_a_box_shows_its_part_of_the_picture() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[10:20, 30:50] = (10, 200, 90)
    decoded = decode_image(encode(Image.fromarray(picture), "PNG"), 16, 16, "stretch", (30, 10, 50, 20))
    assert decoded.crop == (30, 10, 50, 20)
    assert (decoded.pixels == (10, 200, 90)).all()


def test_a_box_counts_in_pixels_of_the_upright_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by a quarter to the right
    picture = np.zeros((60, 40, 3), np.uint8)
    picture[:20, :10] = 255
    stored = Image.fromarray(picture).transpose(Image.Transpose.ROTATE_90)
    decoded = decode_image(encode(stored, "PNG", exif=exif), 20, 10, "stretch", (0, 0, 10, 20))
    assert (decoded.pixels == 255).all()


def test_crop_shows_the_middle() -> None:
    decoded = decode_image(encode(photo(40, 100), "PNG"), 20, 20, "crop")
    assert decoded.crop == (30, 0, 70, 40)


def test_pad_shows_all_between_black_borders() -> None:
    decoded = decode_image(encode(Image.new("RGB", (100, 40), (9, 99, 199)), "PNG"), 50, 50, "pad")
    assert decoded.crop == (0, 0, 100, 40)
    assert (decoded.pixels[15:35] == (9, 99, 199)).all()
    assert (decoded.pixels[:15] == 0).all()
    assert (decoded.pixels[35:] == 0).all()


@settings(max_examples=100, deadline=None)
@given(have=st.tuples(SIDES, SIDES), want=st.tuples(SIDES, SIDES), aspect=st.sampled_from(["stretch", "crop", "pad"]))
def test_any_picture_fits_any_size(have: tuple[int, int], want: tuple[int, int], aspect: str) -> None:
    decoded = decode_image(encode(Image.new("RGB", have[::-1], "white"), "PNG"), *want, aspect)
    assert decoded.pixels.shape == (*want, 3)
    assert decoded.pixels.dtype == np.uint8
    assert decoded.pixels.flags.c_contiguous
    assert decoded.pixels.max() == 255
    assert aspect == "pad" or decoded.pixels.min() == 255


@settings(max_examples=100, deadline=None)
@given(have=st.tuples(SIDES, SIDES), want=st.tuples(SIDES, SIDES), level=st.integers(0, 255))
def test_an_even_picture_stays_even(have: tuple[int, int], want: tuple[int, int], level: int) -> None:
    assert (resize(np.full((*have, 3), level, np.uint8), *want) == level).all()


@pytest.mark.parametrize("size", [32, 50, 64, 90, 99, 120])
def test_stripes_too_fine_for_the_new_size_turn_grey(size: int) -> None:
    stripes = np.zeros((200, 200, 3), np.uint8)
    stripes[:, ::2] = 255
    inside = resize(stripes, size, size)[5:-5, 5:-5].astype(float)
    assert abs(inside.mean() - 127.5) < 2
    assert inside.std() < 10


def noisy(height: int, width: int) -> np.ndarray:
    """Return a picture with detail at all scales, as photos have."""
    generator = np.random.default_rng(0)
    layers = [generator.normal(0, 1, (2**level, 2**level, 3)) for level in range(2, 9)]
    sizes = [Image.fromarray((layer * 20 + 128).clip(0, 255).astype(np.uint8)) for layer in layers]
    grown = [np.asarray(layer.resize((width, height), Image.Resampling.BICUBIC), float) - 128 for layer in sizes]
    return (sum(grown) + 128).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [(224, 224), (150, 200), (100, 100), (64, 64), (40, 250)])
def test_shrinking_is_nearer_to_lanczos_than_bilinear_is(size: tuple[int, int]) -> None:
    picture = noisy(250, 260)
    by = {
        kind: np.asarray(Image.fromarray(picture).resize(size[::-1], kind))
        for kind in (Image.Resampling.LANCZOS, Image.Resampling.BILINEAR)
    }
    lanczos, bilinear = by[Image.Resampling.LANCZOS], by[Image.Resampling.BILINEAR]
    assert psnr(resize(picture, *size), lanczos) > psnr(bilinear, lanczos)


def test_enlarging_is_smooth() -> None:
    step = np.zeros((8, 8, 3), np.uint8)
    step[:, 4:] = 200
    row = resize(step, 64, 64)[32, :, 0].astype(int)
    assert np.abs(np.diff(row)).max() < 60
