import { PageError } from '../../api/errors';

/** A file inside an archive. */
export interface ZipEntry {
  name: string;
  size: number;
  /** Unpacks it. */
  open: () => Promise<Blob>;
}

const endLength = 22;
const maxComment = 0xffff;
const locator64Length = 20;
const centralLength = 46;
const localLength = 30;
const deflated = 8;

async function viewOf(blob: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await blob.slice(from, to).arrayBuffer());
}

function damaged(file: File, what: string): PageError {
  return new PageError('invalid-zip', 0, `${file.name} is not a whole zip archive (${what}). Pack it again, or choose the files in it.`);
}

/** Lists an archive by its directory, which is at the end; the files themselves are read when they are opened. */
export async function readZip(file: File): Promise<ZipEntry[]> {
  const tailStart = Math.max(0, file.size - endLength - maxComment);
  const tail = await viewOf(file, tailStart, file.size);
  let end = tail.byteLength - endLength;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) {
    end--;
  }

  if (end < 0) {
    throw damaged(file, 'its end is missing');
  }

  let count = tail.getUint16(end + 10, true);
  let start = tail.getUint32(end + 16, true);
  if (end >= locator64Length && tail.getUint32(end - locator64Length, true) === 0x07064b50) {
    const at = Number(tail.getBigUint64(end - locator64Length + 8, true));
    const end64 = await viewOf(file, at, at + 56);
    if (end64.byteLength < 56) {
      throw damaged(file, 'its directory is missing');
    }

    count = Number(end64.getBigUint64(32, true));
    start = Number(end64.getBigUint64(48, true));
  }

  return readDirectory(file, await viewOf(file, start, tailStart + end), count);
}

function readDirectory(file: File, directory: DataView, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    if (at + centralLength > directory.byteLength || directory.getUint32(at, true) !== 0x02014b50) {
      throw damaged(file, `entry ${i + 1} of its directory is missing`);
    }

    const method = directory.getUint16(at + 10, true);
    const nameLength = directory.getUint16(at + 28, true);
    const extraLength = directory.getUint16(at + 30, true);
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, at + centralLength, nameLength));
    const [size, packed, offset] = sizesOf(directory, at, at + centralLength + nameLength, extraLength);
    if (!name.endsWith('/')) {
      entries.push({ name, size, open: () => open(file, name, method, packed, offset) });
    }

    at += centralLength + nameLength + extraLength + directory.getUint16(at + 32, true);
  }

  return entries;
}

/** Size, packed size and offset; those that do not fit 32 bits stand in the zip64 field, in this order. */
function sizesOf(directory: DataView, at: number, extra: number, extraLength: number): [number, number, number] {
  const sizes: [number, number, number] =
    [directory.getUint32(at + 24, true), directory.getUint32(at + 20, true), directory.getUint32(at + 42, true)];
  for (let field = extra; field + 4 <= extra + extraLength; field += 4 + directory.getUint16(field + 2, true)) {
    if (directory.getUint16(field, true) === 1) {
      let value = field + 4;
      sizes.forEach((size, i) => {
        if (size === 0xffffffff) {
          sizes[i] = Number(directory.getBigUint64(value, true));
          value += 8;
        }
      });
    }
  }

  return sizes;
}

async function open(file: File, name: string, method: number, packed: number, offset: number): Promise<Blob> {
  const local = await viewOf(file, offset, offset + localLength);
  if (local.byteLength < localLength || local.getUint32(0, true) !== 0x04034b50) {
    throw damaged(file, `${name} is missing`);
  }

  const start = offset + localLength + local.getUint16(26, true) + local.getUint16(28, true);
  const content = file.slice(start, start + packed);
  if (method === 0) {
    return content;
  }

  if (method !== deflated) {
    throw new PageError(
      'invalid-zip', 0, `${name} in ${file.name} is packed in a way that browsers cannot unpack (method ${method}). Choose the files in it instead.`);
  }

  return new Response(content.stream().pipeThrough(new DecompressionStream('deflate-raw'))).blob();
}
