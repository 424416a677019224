/** Selections in the page have one byte per Gaussian, 0 or 1, in the order of the uploaded file; on the wire they have one bit. */

/** Gaussian i at byte i/8, bit i%8, least significant first. */
export function toBits(members: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(members.length / 8));
  for (let i = 0; i < members.length; i++) {
    bits[i >> 3]! |= members[i]! << (i & 7);
  }
  return bits;
}

export function fromBits(bits: Uint8Array, count: number): Uint8Array {
  const members = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    members[i] = (bits[i >> 3]! >> (i & 7)) & 1;
  }
  return members;
}

export function countOf(members: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < members.length; i++) {
    count += members[i]!;
  }
  return count;
}

export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  // Function arguments are limited in number: encode in pieces.
  for (let start = 0; start < bytes.length; start += 0x8000) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + 0x8000)));
  }
  return btoa(pieces.join(''));
}
