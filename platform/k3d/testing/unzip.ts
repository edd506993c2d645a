import { inflateRawSync } from 'node:zlib';

/** Records of a zip file (PKWARE's APPNOTE, 4.3.12 and 4.3.16). */
const centralEntry = 0x02014b50;
const centralEnd = 0x06054b50;

/** One file out of a zip, stored or deflated. Throws where it is not there. */
export function unzipOne(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf(u32(centralEnd));
  if (end === -1) throw new Error('no zip file');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0 && zip.readUInt32LE(at) === centralEntry; left--) {
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const nameEnd = at + 46 + (nameLength ?? 0);
    if (zip.toString('utf8', at + 46, nameEnd) === name) {
      const local = zip.readUInt32LE(at + 42);
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const data = zip.subarray(from, from + size);
      return method === 0 ? data : inflateRawSync(data);
    }
    at = nameEnd + (extraLength ?? 0) + (commentLength ?? 0);
  }
  throw new Error(`there is no ${name} in the zip`);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
