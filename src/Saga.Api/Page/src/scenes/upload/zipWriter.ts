import { crc32 } from './crc32';

/** What goes into the archive. */
export interface ZipPart {
  name: string;
  blob: Blob;
}

const localHeader = 0x04034b50;
const centralHeader = 0x02014b50;
const endOfDirectory = 0x06054b50;
const endOfDirectory64 = 0x06064b50;
const locator64 = 0x07064b50;

/** Version needed to extract: 4.5, zip64. */
const version = 45;
const utf8Names = 1 << 11;
/** 1 January 1980, the earliest a zip can say; times play no role here. */
const dosDate = 33;
const max16 = 0xffff;
const max32 = 0xffffffff;

/** Little-endian numbers one after the other: [bytes, value]. */
function record(...fields: [bytes: 2 | 4 | 8, value: number][]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) {
      view.setUint16(at, value, true);
    } else if (size === 4) {
      view.setUint32(at, value, true);
    } else {
      view.setBigUint64(at, BigInt(value), true);
    }

    at += size;
  }

  return bytes;
}

/**
 * Packs files without compressing them: photos already are. The archive refers to the files on the disk and is never in memory
 * as a whole. Zip64 throughout where a number needs it, so there is no limit but the disk's.
 */
export async function writeZip(parts: readonly ZipPart[], signal?: AbortSignal): Promise<Blob> {
  const body: BlobPart[] = [];
  const directory: BlobPart[] = [];
  let offset = 0;
  let directorySize = 0;
  for (const { name, blob } of parts) {
    signal?.throwIfAborted();
    const nameBytes = new TextEncoder().encode(name);
    const crc = await crc32(blob);
    const isBig = blob.size >= max32;
    const size = isBig ? max32 : blob.size;
    const sizes64 = isBig ? record([2, 1], [2, 16], [8, blob.size], [8, blob.size]) : new Uint8Array();
    const local = record(
      [4, localHeader], [2, version], [2, utf8Names], [2, 0], [2, 0], [2, dosDate], [4, crc], [4, size], [4, size],
      [2, nameBytes.length], [2, sizes64.length]);
    body.push(local, nameBytes, sizes64, blob);

    const isFar = offset >= max32;
    const numbers = [...(isBig ? [blob.size, blob.size] : []), ...(isFar ? [offset] : [])].map((value): [8, number] => [8, value]);
    const extra = numbers.length > 0 ? record([2, 1], [2, 8 * numbers.length], ...numbers) : new Uint8Array();
    const central = record(
      [4, centralHeader], [2, version], [2, version], [2, utf8Names], [2, 0], [2, 0], [2, dosDate], [4, crc], [4, size], [4, size],
      [2, nameBytes.length], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, 0], [4, isFar ? max32 : offset]);
    directory.push(central, nameBytes, extra);
    directorySize += central.length + nameBytes.length + extra.length;
    offset += local.length + nameBytes.length + sizes64.length + blob.size;
  }

  const count = parts.length;
  const needs64 = count >= max16 || offset >= max32 || directorySize >= max32;
  const end64 = needs64
    ? [
      record([4, endOfDirectory64], [8, 44], [2, version], [2, version], [4, 0], [4, 0], [8, count], [8, count], [8, directorySize], [8, offset]),
      record([4, locator64], [4, 0], [8, offset + directorySize], [4, 1]),
    ]
    : [];
  const end = record(
    [4, endOfDirectory], [2, 0], [2, 0], [2, Math.min(count, max16)], [2, Math.min(count, max16)],
    [4, Math.min(directorySize, max32)], [4, Math.min(offset, max32)], [2, 0]);
  return new Blob([...body, ...directory, ...end64, end], { type: 'application/zip' });
}
