import { columnNames, columnsFrom, type SplatColumns } from './columns';

const sizes: Record<string, number> = {
  char: 1, uchar: 1, int8: 1, uint8: 1, short: 2, ushort: 2, int16: 2, uint16: 2,
  int: 4, uint: 4, int32: 4, uint32: 4, float: 4, float32: 4, double: 8, float64: 8,
};

/**
 * Reads the columns that the page needs from a binary little-endian 3DGS .ply, for when there is no graphics device that would
 * have read it already.
 * @throws Error saying what the file is instead.
 */
export function readPly(file: ArrayBuffer): SplatColumns {
  const head = new TextDecoder('latin1').decode(new Uint8Array(file, 0, Math.min(file.byteLength, 65536)));
  const end = head.indexOf('end_header\n');
  if (!head.startsWith('ply') || end < 0) {
    throw new Error('The Gaussians are not a .ply file; upload them as .ply to see markers and selections in the picture.');
  }
  const lines = head.slice(0, end).split('\n').map((line) => line.trim().split(/\s+/));
  if (!lines.some((words) => words[0] === 'format' && words[1] === 'binary_little_endian')) {
    throw new Error('The .ply file is not binary_little_endian, which the page expects.');
  }

  let count = 0;
  let stride = 0;
  const offsets = new Map<string, { offset: number; type: string }>();
  const elements = lines.filter((words) => words[0] === 'element');
  if (elements[0]?.[1] !== 'vertex') {
    throw new Error('The .ply file does not begin with vertices, which the page expects.');
  }
  count = Number(elements[0][2]);
  let inVertices = false;
  for (const words of lines) {
    if (words[0] === 'element') {
      inVertices = words[1] === 'vertex';
    } else if (words[0] === 'property' && inVertices) {
      offsets.set(words[2]!, { offset: stride, type: words[1]! });
      stride += sizes[words[1]!] ?? Number.NaN;
    }
  }

  const start = end + 'end_header\n'.length;
  if (!(start + count * stride <= file.byteLength)) {
    throw new Error('The .ply file is shorter than its header says.');
  }
  const view = new DataView(file, start);
  const columns = new Map<string, Float32Array>();
  for (const name of columnNames) {
    const property = offsets.get(name);
    if (property && (property.type === 'float' || property.type === 'float32')) {
      const values = new Float32Array(count);
      for (let i = 0, at = property.offset; i < count; i++, at += stride) {
        values[i] = view.getFloat32(at, true);
      }
      columns.set(name, values);
    }
  }
  return columnsFrom(count, (name) => columns.get(name));
}
