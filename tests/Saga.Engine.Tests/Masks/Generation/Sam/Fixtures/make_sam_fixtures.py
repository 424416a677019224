#!/usr/bin/env python3
"""Writes sam.json: golden numbers for every step of SAM's automatic mask generator.

Each step is taken from its published definition and computed by the libraries that the published generator itself uses, none of which the
service has: Pillow (resizing), PyTorch (normalising, enlarging), torchvision (suppression), OpenCV (regions). On Debian 12:

    apt-get install python3-torch python3-torchvision python3-pil python3-numpy python3-opencv
    /usr/bin/python3 make_sam_fixtures.py
"""
import hashlib
import json
import math
import os

import cv2
import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F
from torchvision.ops import batched_nms

MEAN = torch.tensor([123.675, 116.28, 103.53]).view(3, 1, 1)
DEVIATION = torch.tensor([58.395, 57.12, 57.375]).view(3, 1, 1)


def picture(width, height):
    """A picture that both sides can compute: every channel another pattern."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((x * 37 + y * 91 + c * 53 + (x * y) % 29 * 7) % 256).astype(np.uint8)


def logits(seed):
    """A 256x256 map of logits with blobs of many sizes, about -6..6."""
    y, x = np.meshgrid(np.arange(256, dtype=np.float64), np.arange(256, dtype=np.float64), indexing="ij")
    value = 4 * np.sin(x / (7 + seed)) * np.cos(y / (11 + seed)) + ((x * 37 + y * 91 + (x * y) % 113) % 64) / 32 - 0.71
    return value.astype(np.float32)


def blobs(width, height, seed):
    """A binary mask with islands and holes of many sizes."""
    y, x = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    return ((x * x + 3 * y * y + x * y * seed) // (17 + seed)) % 5 < 2


def framed(width, height):
    scale = 1024 / max(width, height)
    return int(width * scale + 0.5), int(height * scale + 0.5)


def resized(image):
    width, height = framed(image.shape[1], image.shape[0])
    return np.array(Image.fromarray(image).resize((width, height), Image.BILINEAR))


def encoder_input(image):
    small = torch.as_tensor(resized(image)).permute(2, 0, 1).float()
    small = (small - MEAN) / DEVIATION
    return F.pad(small, (0, 1024 - small.shape[2], 0, 1024 - small.shape[1]))


def enlarged(low, width, height):
    """[n, 256, 256] logits at the picture's size."""
    filled_width, filled_height = framed(width, height)
    big = F.interpolate(low[:, None], (1024, 1024), mode="bilinear", align_corners=False)
    return F.interpolate(big[..., :filled_height, :filled_width], (height, width), mode="bilinear", align_corners=False)[:, 0]


def stability(masks):
    return (masks > 1).sum((-1, -2)) / (masks > -1).sum((-1, -2))


def box_of(mask):
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    return [int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])] if len(rows) else [0, 0, 0, 0]


def suppressed(boxes, scores, threshold):
    boxes = torch.tensor(boxes, dtype=torch.float32).view(-1, 4)
    return batched_nms(boxes, torch.tensor(scores, dtype=torch.float32), torch.zeros(len(boxes)), threshold).tolist()


def crops(width, height, layers, ratio):
    result = [[0, 0, 0, width, height]]
    for layer in range(1, layers + 1):
        side = 2 ** layer
        overlap = int(ratio * min(width, height) * (2 / side))
        w = math.ceil((overlap * (side - 1) + width) / side)
        h = math.ceil((overlap * (side - 1) + height) / side)
        for i in range(side):
            for j in range(side):
                left, top = (w - overlap) * i, (h - overlap) * j
                result.append([layer, left, top, min(left + w, width), min(top + h, height)])
    return result


def cut_by(box, crop, width, height):
    """box in the picture's frame."""
    near_crop = np.abs(np.array(box) - np.array(crop)) <= 20
    near_picture = np.abs(np.array(box) - np.array([0, 0, width, height])) <= 20
    return bool((near_crop & ~near_picture).any())


def without_small(mask, area, holes):
    """Components of the holes (or of the mask) below the area change sides; of islands the largest stays at least."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask ^ holes).astype(np.uint8), connectivity=8)
    sizes = stats[1:, cv2.CC_STAT_AREA]
    small = [i + 1 for i in range(count - 1) if sizes[i] < area]
    if not small:
        return mask, False
    if holes:
        return mask | np.isin(labels, small), True
    large = [i for i in range(1, count) if i not in small] or [int(np.argmax(sizes)) + 1]
    return np.isin(labels, large), True


def runs(mask):
    """Run lengths, column by column, unset first."""
    flat = np.concatenate([[False], mask.T.reshape(-1)])
    ends = np.append(np.nonzero(flat[1:] != flat[:-1])[0], mask.size)
    return np.diff(np.concatenate([[0], ends])).tolist()


def color_sam(image):
    """What tests/Shared/Onnx/ColorSam.cs does, in PyTorch: a function from a point to three maps of logits and their quality."""
    colors = F.avg_pool2d(encoder_input(image)[None], 4)[0]
    width, height = image.shape[1], image.shape[0]
    new_width, new_height = framed(width, height)

    def ask(x, y):
        column = int(math.floor((np.float32(x * (new_width / width)) + 0.5) / 4))
        row = int(math.floor((np.float32(y * (new_height / height)) + 0.5) / 4))
        distance = ((colors - colors[:, row, column].view(3, 1, 1)) ** 2).sum(0).sqrt()
        low = torch.stack([(8 * (1 - distance / t)).clip(-20, 20) for t in (0.35, 1.05, 2.4)])
        share = (low > 1).sum((1, 2)) / ((low > -1).sum((1, 2)) + 1e-3)
        return low, 0.8 + 0.19 * share

    return ask


def generate(image, side, layers, factor, min_area):
    """The automatic mask generator, with color_sam as the model."""
    width, height = image.shape[1], image.shape[0]
    found = []
    layout = crops(width, height, layers, 512 / 1500)
    for layer, left, top, right, bottom in layout:
        part = image[top:bottom, left:right]
        ask = color_sam(part)
        here = []
        count = side // factor ** layer
        for j in range(count):
            for i in range(count):
                low, quality = ask((i + 0.5) / count * part.shape[1], (j + 0.5) / count * part.shape[0])
                full = enlarged(low, part.shape[1], part.shape[0])
                steady = stability(full)
                for k in range(3):
                    if quality[k] > 0.88 and steady[k] >= 0.95 and (full[k] > 0).any():
                        mask = np.zeros((height, width), bool)
                        mask[top:bottom, left:right] = (full[k] > 0).numpy()
                        box = box_of(mask)
                        if not cut_by(box, [left, top, right, bottom], width, height):
                            here.append((mask, box, float(quality[k]), 1 / ((right - left) * (bottom - top))))
        keep = suppressed([m[1] for m in here], [m[2] for m in here], 0.7)
        found += [here[i] for i in keep]
    if len(layout) > 1:
        found = [found[i] for i in suppressed([m[1] for m in found], [m[3] for m in found], 0.7)]
    if min_area:
        cleaned = []
        for mask, *_ in found:
            mask, filled = without_small(mask, min_area, True)
            mask, removed = without_small(mask, min_area, False)
            cleaned.append((mask, box_of(mask), float(not (filled or removed))))
        found = [cleaned[i] for i in suppressed([m[1] for m in cleaned], [m[2] for m in cleaned], 0.7)]
    return [{"area": int(m[0].sum()), "box": m[1]} for m in found]


def shapes():
    """240x180: a disc with a spot, a block with a stripe, a wedge; specks and a hole to clean. Integers only."""
    image = np.empty((180, 240, 3), np.uint8)
    image[:] = (96, 128, 160)
    y, x = np.meshgrid(np.arange(180), np.arange(240), indexing="ij")
    image[(x - 60) ** 2 + (y - 60) ** 2 < 40 ** 2] = (200, 40, 40)
    image[(x - 70) ** 2 + (y - 55) ** 2 < 14 ** 2] = (214, 70, 58)
    image[(x > 140) & (x < 220) & (y > 20) & (y < 90)] = (40, 170, 60)
    image[(x > 140) & (x < 220) & (y > 40) & (y < 56)] = (52, 190, 84)
    image[(y > 110) & (y < 170) & (x > 40 + (170 - y)) & (x < 200 - (170 - y) // 2)] = (230, 220, 60)
    image[(x > 100) & (x < 104) & (y > 140) & (y < 144)] = (20, 20, 20)
    image[(x > 226) & (x < 231) & (y > 160) & (y < 165)] = (230, 220, 60)
    return image


def main():
    generator = np.random.default_rng(5)
    sizes = [(640, 480), (480, 640), (1500, 1000), (1024, 768), (37, 5), (3000, 7), (1024, 1024), (494, 371), (1, 1)]
    result = {"frames": [[w, h, *framed(w, h)] for w, h in sizes if min(framed(w, h)) > 0]}
    result["resized"] = [
        {"size": [w, h], "sha256": hashlib.sha256(resized(picture(w, h)).tobytes()).hexdigest()}
        for w, h in [(640, 480), (480, 640), (1500, 1000), (1024, 768), (37, 5), (3000, 300), (494, 371)]]

    image = encoder_input(picture(640, 480))
    where = [(c, y, x) for c in range(3) for y, x in [(0, 0), (0, 1023), (767, 0), (767, 1023), (768, 0), (400, 333), (1023, 1023)]]
    result["normalized"] = {"size": [640, 480], "values": [[c, y, x, image[c, y, x].item()] for c, y, x in where]}

    result["grid"] = {"size": [640, 480], "perSide": 32, "points": []}
    for i in [0, 1, 31, 32, 500, 1023]:
        x, y = (i % 32 + 0.5) / 32 * 640, (i // 32 + 0.5) / 32 * 480
        result["grid"]["points"].append([i, x, y, x * (1024 / 640), y * (768 / 480)])

    result["enlarged"] = []
    for seed, (w, h) in enumerate([(640, 480), (480, 640), (1024, 768), (1500, 1000), (37, 5), (494, 371), (256, 256)]):
        full = enlarged(torch.tensor(logits(seed))[None], w, h)[0]
        sample = []
        for _ in range(200):
            x, y = int(generator.integers(w)), int(generator.integers(h))
            if abs(full[y, x].item()) > 1e-3:
                sample.append([x, y, int(full[y, x] > 0)])
        result["enlarged"].append({
            "seed": seed, "size": [w, h], "stability": stability(full).item(), "area": int((full > 0).sum()),
            "box": box_of((full > 0).numpy()), "sample": sample})

    boxes, scores = [], []
    for i in range(120):
        x, y, w, h = (int(v) for v in generator.integers([80, 80, 60, 60]))
        boxes.append([x, y, x + w, y + h])
        scores.append(round(float(generator.integers(20)) / 20, 2))
    boxes += [[5, 5, 5, 9], [5, 5, 5, 9], boxes[0], boxes[1]]
    scores += [0.5, 0.5, scores[0], 0.99]
    result["suppressed"] = [
        {"boxes": boxes, "scores": scores, "threshold": t, "kept": suppressed(boxes, scores, t)} for t in (0.3, 0.7)]

    result["crops"] = [
        {"size": [w, h], "layers": n, "crops": crops(w, h, n, 512 / 1500)} for w, h, n in [(640, 480, 0), (640, 480, 1), (1001, 333, 2), (480, 640, 3)]]

    crop, result["cut"] = [100, 80, 400, 300], []
    for _ in range(60):
        left, top = (int(v) for v in generator.integers([300, 220]))
        box = [100 + left, 80 + top, min(399, 100 + left + int(generator.integers(250))), min(299, 80 + top + int(generator.integers(200)))]
        result["cut"].append({"crop": crop, "size": [400, 480], "box": box, "cut": cut_by(box, crop, 400, 480)})

    result["regions"] = []
    for w, h, seed, area in [(40, 30, 1, 6), (40, 30, 2, 20), (33, 50, 3, 100), (64, 48, 4, 12), (64, 48, 5, 3000), (9, 7, 6, 4)]:
        mask = blobs(w, h, seed)
        filled, _ = without_small(mask, area, True)
        final, _ = without_small(filled, area, False)
        result["regions"].append({"size": [w, h], "seed": seed, "area": area, "after": runs(final)})

    result["generated"] = [
        {"perSide": side, "layers": layers, "factor": factor, "minArea": area, "masks": generate(shapes(), side, layers, factor, area)}
        for side, layers, factor, area in [(32, 0, 1, 0), (32, 0, 1, 100), (16, 1, 2, 100)]]

    # One entry a line and case: short, and legible in a diff.
    lines = ",\n".join(f'  "{name}": ' + (
        "[\n" + ",\n".join("    " + json.dumps(v) for v in value) + "\n  ]" if isinstance(value, list) else json.dumps(value))
        for name, value in result.items())
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sam.json"), "w", encoding="utf-8", newline="\n") as file:
        file.write("{\n" + lines + "\n}\n")


main()
