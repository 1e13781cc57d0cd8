"""Speaks the texts of prompts.toml with Kokoro-82M and composes the hold music.

    generate.py <config/prompts> <folder with model.onnx, vocab.json, voices/> [--all]

Writes <config/prompts>/<language>/<id>.wav (16-bit PCM, mono, 8 kHz) and manifest.toml for each of [languages]. A
prompt whose text, voice and file are those of the manifest is left alone, because the vocoder's noise makes every run
differ a little.
"""

import functools
import hashlib
import importlib.resources
import json
import re
import sys
import tomllib
import wave
from pathlib import Path

import numpy as np

MODEL_RATE = 24_000
RATE = 8_000
LONGEST_S = 10.0
FADE_S = 0.05
PAD_S = 0.06  # left before and after the speech; the fades lie in it
JOINED_PAD_S = 0.045  # the same where prompts follow each other within a spoken row
JOINED_FADE_S = 0.025
JOINED_SPEED = {"zh": 1.15, "en": 1.15}  # words alone are spoken more slowly than in a row
SENTENCE_PAUSE_S = 0.35
PEAK_DBFS = -3.0
RMS_DBFS = -20.0
MUSIC_ID = "hold-music"
MUSIC_PEAK_DBFS = -12.0
PAUSE_ID = "pause"
PAUSE_S = 0.2  # between two groups of digits
BEEP_ID = "beep"
BEEP_HERTZ = 1000
BEEP_S = 0.4  # after it a caller speaks her message
RING_BACK_ID = "ring-back"
RING_BACK_DBFS = -12.0
RECIPE = "1"  # raise it when the steps below change, so that all prompts are made again
# What Chinese prompts have of the reading, and English ones: the key of [[prompt]] in prompts.toml.
READINGS = {"zh": "pinyin", "en": "sounds"}


def db(value):
    return 20 * np.log10(max(float(value), 1e-9))


def amplitude(decibel):
    return 10 ** (decibel / 20)


# -- text to phonemes


def mandarin(sentence, readings):
    """The phonemes of misaki's Chinese front end, with our readings for the words that it would guess wrongly."""
    from misaki.zh import ZHG2P

    text = ZHG2P.map_punctuation(sentence)
    words = sorted(readings, key=len, reverse=True)
    known = [*map(re.escape, words), "[A-Z]"]
    spoken = []
    for piece in re.split("(" + "|".join(known) + ")", text):
        if piece in readings:
            syllables = readings[piece].split()
            if len(syllables) != len(piece):
                raise SystemExit(f"{piece}: {len(piece)} characters, {len(syllables)} syllables")
            spoken.append("".join(ZHG2P.py2ipa(syllable) for syllable in syllables))
        elif re.fullmatch("[A-Z]", piece):
            spoken.append(english(piece, {}))
        elif piece:
            spoken.append(ZHG2P.legacy_call(piece).strip(" "))
    return re.sub(r"\s+([,.!?:;])", r"\1", " ".join(spoken)).replace(chr(815), "").strip()


def english(sentence, readings):
    """The British phonemes of misaki's dictionary, word by word: our sentences need no grammar."""
    spoken = []
    for word in sentence.split():
        plain, mark = (word, "") if word in readings else re.fullmatch(r"(.*?)([,.!?:;]*)", word).groups()
        parts = [plain] if plain in readings else plain.split("-")
        spoken.append("".join(english_word(part, readings) for part in parts) + mark)
    for index, following in enumerate(spoken[1:]):
        if spoken[index] == "ðə" and following.lstrip("ˈˌ")[:1] in tuple("AIOQWYaeiouæɑɒɔəɛɜɪʊʌ"):
            spoken[index] = "ði"
    return " ".join(spoken)


def english_word(word, readings):
    if word in readings:
        return readings[word]
    lexicon = british_lexicon()
    for known, ending in ((word, ""), (word.lower(), "")):
        if known in lexicon:
            return lexicon[known] + ending
    if word.endswith("s") and word[:-1].lower() in lexicon:
        stem = lexicon[word[:-1].lower()]
        return stem + ("s" if stem[-1] in "ptkfθ" else "ɪz" if stem[-1] in "szʃʒʧʤ" else "z")
    raise SystemExit(f"{word}: not in the dictionary; give its phonemes in `sounds`")


@functools.cache
def british_lexicon():
    """Word to phonemes. Of a word that is said in several ways, the usual one."""
    import misaki.data

    text = importlib.resources.files(misaki.data).joinpath("gb_gold.json").read_text(encoding="utf-8")
    entries = json.loads(text).items()
    return {word: said if isinstance(said, str) else said["DEFAULT"] for word, said in entries} | WEAK


# Small words as they are said within a sentence.
WEAK = {"a": "ɐ", "an": "ən", "to": "tə", "for": "fə", "and": "ənd"}


# -- phonemes to samples


class Voice:
    """The model, its vocabulary and its styles."""

    def __init__(self, folder):
        import onnxruntime

        self.folder = folder
        self.vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        self.model = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])

    def say(self, language, text, readings, name, speed, pad):
        style = np.fromfile(self.folder / "voices" / f"{name}.bin", dtype=np.float32).reshape(-1, 256)
        pause = np.zeros(int(SENTENCE_PAUSE_S * MODEL_RATE), np.float32)
        parts = []
        phonemes = {"zh": mandarin, "en": english}[language]
        whole = text in readings
        for sentence in [text] if whole else filter(None, re.split(r"(?<=[。！？])|(?<=[.!?])\s+", text)):
            said = phonemes(sentence, readings)
            unknown = {c for c in said if c not in self.vocabulary}
            if unknown:
                raise SystemExit(f"no phoneme for {unknown} of {sentence}")
            tokens = [self.vocabulary[c] for c in said]
            samples = self.model.run(
                None,
                {
                    "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                    "style": style[min(len(tokens), len(style)) - 1].reshape(1, 256),
                    "speed": np.array([speed], dtype=np.float32),
                },
            )[0].ravel()
            parts += [trimmed(np.asarray(samples, np.float32), MODEL_RATE, pad), pause]
        return np.concatenate(parts[:-1])


def trimmed(samples, rate, pad_s):
    """Without the silence at both ends, but for `pad_s`. Speech is what is within 40 dB of the loudest 10 ms."""
    block = rate // 100
    count = len(samples) // block
    level = np.sqrt(np.mean(samples[: count * block].reshape(count, block) ** 2, axis=1))
    loud = np.flatnonzero(level > level.max() * amplitude(-40))
    pad = int(pad_s * rate)
    padded = np.pad(samples, pad)
    return padded[loud[0] * block : (loud[-1] + 1) * block + 2 * pad]


# -- samples to a telephone's WAV


def to_telephone(samples):
    """24 kHz to 8 kHz: the band of 100 to 3800 Hz, cut by raised cosines in the spectrum."""
    samples = np.pad(samples, (0, -len(samples) % 3))
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / MODEL_RATE)
    low = 0.5 - 0.5 * np.cos(np.pi * np.clip((hertz - 70) / 60, 0, 1))
    high = 0.5 + 0.5 * np.cos(np.pi * np.clip((hertz - 3600) / 380, 0, 1))
    kept = (spectrum * low * high)[: len(samples) // 3 // 2 + 1]
    return np.fft.irfft(kept, len(samples) // 3) / 3


def levelled(samples):
    """RMS_DBFS on the speech, with a gain that gives way around peaks so that none is above PEAK_DBFS."""
    block = RATE // 50
    blocks = samples[: len(samples) // block * block].reshape(-1, block)
    loud = np.sqrt(np.mean(blocks**2, axis=1))
    speech = blocks[loud > loud.max() * amplitude(-30)]
    ceiling = amplitude(PEAK_DBFS)
    result = samples * (amplitude(RMS_DBFS) / np.sqrt(np.mean(speech**2)))
    reach = RATE // 200
    gain = np.minimum(1.0, ceiling / np.maximum(np.abs(result), 1e-9))
    held = np.lib.stride_tricks.sliding_window_view(np.pad(gain, 2 * reach, constant_values=1.0), 2 * reach + 1)
    window = np.hanning(2 * reach + 1)
    smooth = np.convolve(held.min(axis=1), window / window.sum(), mode="valid")
    return np.clip(result * smooth, -ceiling, ceiling)


def faded(samples, fade_s):
    length = int(fade_s * RATE)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / length)
    samples[:length] *= ramp
    samples[-length:] *= ramp[::-1]
    return samples


def write_wav(path, samples):
    pcm = np.round(samples * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm.tobytes())


# -- music


def hold_music():
    """Four bars of a slow arpeggio, 9 s. Notes that ring over the end ring into the beginning: the loop has no seam."""
    bars = [  # MIDI notes: I, vi, ii, V of C with a melody note on top
        (48, 55, 60, 64, 67, 64, 60, 76),
        (45, 52, 60, 64, 69, 64, 60, 72),
        (50, 57, 60, 65, 69, 65, 60, 74),
        (43, 50, 59, 62, 67, 62, 59, 71),
    ]
    step = int(9.0 * RATE) // 32
    total = step * 32
    loop = np.zeros(total)
    for index, midi in enumerate(note for bar in bars for note in bar):
        loud = 1.0 if index % 8 == 0 else 0.8 if index % 8 == 7 else 0.55
        tone = piano(440 * 2 ** ((midi - 69) / 12)) * loud
        np.add.at(loop, (index * step + np.arange(len(tone))) % total, tone)
    return loop * (amplitude(MUSIC_PEAK_DBFS) / np.abs(loop).max())


def ring_back():
    """What a caller hears while it rings at the other end (GF 002-9002): 450 Hz, 1 s on, 4 s off."""
    time = np.arange(RATE) / RATE
    fade = np.minimum(1, np.minimum(np.arange(RATE), np.arange(RATE)[::-1]) / 160)
    tone = amplitude(RING_BACK_DBFS) * fade * np.sin(2 * np.pi * 450 * time)
    return np.concatenate([np.zeros(160), tone, np.zeros(4 * RATE - 160)])


def piano(hertz):
    """A soft struck string: partials that fade faster the higher they are, and a 12 ms attack."""
    time = np.arange(int(2.5 * RATE)) / RATE
    tone = np.zeros(len(time))
    for partial, strength in enumerate((1.0, 0.45, 0.2, 0.1, 0.05), start=1):
        if hertz * partial < 3400:
            tone += strength * np.exp(-time * (1.6 + 0.9 * partial)) * np.sin(2 * np.pi * hertz * partial * time)
    tone *= np.minimum(1, time / 0.012)
    tone[-400:] *= np.linspace(1, 0, 400)
    return tone


def beep():
    """The tone after which a message is spoken."""
    tone = np.sin(2 * np.pi * BEEP_HERTZ * np.arange(int(BEEP_S * RATE)) / RATE)
    return faded(tone * amplitude(MUSIC_PEAK_DBFS), FADE_S)


# -- the whole


def text_hash(prompt, voice):
    recipe = RECIPE + " joined" if prompt["joined"] else RECIPE
    said = json.dumps([recipe, prompt["text"], prompt["readings"], voice], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def described(prompt_id, made_from, voice, path):
    with wave.open(str(path)) as wav:
        frames = wav.readframes(wav.getnframes())
    samples = np.frombuffer(frames, "<i2") / 32768
    return {
        "id": prompt_id,
        "made_from": made_from,
        "voice": voice,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "duration_ms": len(samples) * 1000 // RATE,
        "peak_dbfs": round(db(np.abs(samples).max()), 1),
        "rms_dbfs": round(db(np.sqrt(np.mean(samples**2))), 1),
    }


def speak(voice_of, language, prompt, voice, path):
    pad, fade = (JOINED_PAD_S, JOINED_FADE_S) if prompt["joined"] else (PAD_S, FADE_S)
    speed = voice["speed"]
    while True:
        raw = voice_of.say(language, prompt["text"], prompt["readings"], voice["kokoro"], speed, pad)
        if len(raw) / MODEL_RATE <= LONGEST_S - 0.05:
            break
        speed += 0.05
        if speed > 1.5:
            raise SystemExit(f"{prompt['id']}: too long for {LONGEST_S} s; split the text")
    write_wav(path, faded(levelled(to_telephone(raw)), fade))


def spoken_in(texts, language):
    """Every prompt of a language with its voice; a series is many of them."""
    for prompt in [*texts["prompt"], *texts["series"]]:
        voice = texts["voices"][prompt.get("voice", "hotline")]
        if language not in prompt or language not in voice:
            continue
        joined = prompt.get("joined", False)
        speed = round(voice["speed"] * (JOINED_SPEED[language] if joined else 1), 2)
        said = {"joined": joined, "readings": prompt.get(READINGS[language], {})}
        if isinstance(prompt[language], str):
            pairs = [(prompt["id"], prompt[language])]
        else:
            numbers = range(prompt.get("first", 0), sys.maxsize, prompt.get("step", 1))
            pairs = [(f"{prompt['id']}-{name}", text) for name, text in zip(prompt.get("names", numbers), prompt[language])]
        for prompt_id, text in pairs:
            yield said | {"id": prompt_id, "text": text}, {"kokoro": voice[language], "speed": speed}


def known(path):
    if not path.exists():
        return {}
    return {entry["id"]: entry for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("prompt", [])}


def unchanged(entry, made_from, path):
    if entry is None or entry["made_from"] != made_from or not path.exists():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]


def write_manifest(path, entries):
    lines = ["# Written by `cargo xtask prompts`. Not read by the switch."]
    for entry in entries:
        lines += ["", "[[prompt]]"] + [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(folder, model, make_all):
    texts = tomllib.loads((folder / "prompts.toml").read_text(encoding="utf-8"))
    voice_of = functools.cache(lambda: Voice(model))
    for language, name in texts["languages"].items():
        output = folder / name
        output.mkdir(exist_ok=True)
        manifest = output / "manifest.toml"
        before = {} if make_all else known(manifest)
        entries = []
        for prompt, voice in spoken_in(texts, language):
            path = output / f"{prompt['id']}.wav"
            made_from = text_hash(prompt, voice)
            if not unchanged(before.get(prompt["id"]), made_from, path):
                speak(voice_of(), language, prompt, voice, path)
                print(f"{name}/{prompt['id']}: {prompt['text']}", flush=True)
            entries.append(described(prompt["id"], made_from, voice["kokoro"], path))
        pause = np.zeros(int(PAUSE_S * RATE))
        composed = ((MUSIC_ID, hold_music()), (PAUSE_ID, pause), (BEEP_ID, beep()), (RING_BACK_ID, ring_back()))
        for prompt_id, samples in composed:
            path = output / f"{prompt_id}.wav"
            write_wav(path, samples)
            entries.append(described(prompt_id, f"recipe {RECIPE}", "composed", path))
        write_manifest(manifest, entries)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), "--all" in sys.argv[3:])
