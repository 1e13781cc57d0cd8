"""Makes places.txt, segments.bin and carriers.bin from phone.dat of the package `phone` (see README.md).

Usage: python3 convert.py path/to/phone.dat
"""

import collections
import struct
import sys

FIRST, LAST = 1300000, 1999999
BLOCK = 100
UNKNOWN = 511

data = open(sys.argv[1], "rb").read()
_version, first_record = struct.unpack("<4si", data[:8])
segments = {}
for at in range(first_record, len(data), 9):
    segment, record, carrier = struct.unpack_from("<iiB", data, at)
    province, city, _zip, area = data[record : data.index(b"\0", record)].decode().split("|")
    segments[segment] = (f"{province}|{city}|{area}", carrier)

# The most frequent first: of several cities with one area code the largest is found.
frequency = collections.Counter(place for place, _ in segments.values())
places = sorted(frequency, key=lambda place: (-frequency[place], place))
assert len(places) < UNKNOWN
number_of = {place: number for number, place in enumerate(places)}

index, runs, carriers = [], [], []
last_carrier = 0
for block in range(FIRST, LAST + 1, BLOCK):
    index.append(len(runs))
    before = None
    for segment in range(block, block + BLOCK):
        place, carrier = segments.get(segment, (None, 0))
        number = number_of.get(place, UNKNOWN)
        if number == before:
            runs[-1] += 1
        else:
            runs.append(number << 7)
        before = number
        if place is not None and carrier != last_carrier:
            carriers.append(segment << 8 | carrier)
            last_carrier = carrier

with open("places.txt", "w", encoding="utf-8", newline="\n") as out:
    out.writelines(place + "\n" for place in places)
with open("segments.bin", "wb") as out:
    out.write(struct.pack(f"<{len(index)}I", *index) + struct.pack(f"<{len(runs)}H", *runs))
with open("carriers.bin", "wb") as out:
    out.write(struct.pack(f"<{len(carriers)}I", *carriers))
print(len(segments), "segments,", len(places), "places,", len(runs), "runs,", len(carriers), "carriers")
