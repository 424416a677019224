import { readZip } from './zipReader';

/** A file that a person chose or dropped, alone, in a folder or in a zip. */
export interface PickedFile {
  /** With folders, `/` between them; a zip counts as a folder. */
  path: string;
  size: number;
  open: () => Promise<Blob>;
  /** The zip it came in, and how many files are in that. */
  archive?: { file: File; count: number };
}

const junk = /(^|\/)(__MACOSX|\.git)\/|(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)$/;

/** From an input: files, or a folder. */
export async function pickFromInput(files: Iterable<File>): Promise<PickedFile[]> {
  return expand([...files].map(file => ({ path: file.webkitRelativePath || file.name, file })));
}

/** From a drop: files and folders. Call it during the event; what was dropped cannot be asked for later. */
export async function pickFromDrop(data: DataTransfer): Promise<PickedFile[]> {
  const items = [...data.items].map(item => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: { path: string; file: File }[] = [];
  for (const { entry, file } of items) {
    if (entry) {
      await walk(entry, found);
    } else if (file) {
      // From a program that hands out files without a file system, such as a mail.
      found.push({ path: file.name, file });
    }
  }

  return expand(found);
}

async function walk(entry: FileSystemEntry, found: { path: string; file: File }[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }

  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader hands out a folder in pieces and ends with an empty one.
  for (;;) {
    const children = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (children.length === 0) {
      return;
    }

    for (const child of children) {
      await walk(child, found);
    }
  }
}

async function expand(files: { path: string; file: File }[]): Promise<PickedFile[]> {
  const picked: PickedFile[] = [];
  for (const { path, file } of files) {
    if (!/\.zip$/i.test(file.name)) {
      picked.push({ path, size: file.size, open: () => Promise.resolve(file) });
      continue;
    }

    const entries = (await readZip(file)).filter(entry => !junk.test(entry.name));
    picked.push(...entries.map(entry => ({
      path: `${path}/${entry.name}`, size: entry.size, open: entry.open, archive: { file, count: entries.length },
    })));
  }

  return picked.filter(file => !junk.test(file.path));
}
