import type { Failure } from "#runtime/engine/outcome.ts";

/** A file as a listing shows it. */
export interface FileEntry {
  name: string;
  /** Bytes. */
  size: number;
  /** Milliseconds since 1970, as exact as the folder tells. */
  modifiedAtMs: number;
}

/** The folders beside the files: a file lies in one of them from the moment it is claimed. */
export const workFolders = ["processing", "archive", "error"] as const;
export type WorkFolder = (typeof workFolders)[number];

/** Where a file lies: in the source folder itself, or in one of the work folders. */
export interface FilePlace {
  folder: "" | WorkFolder;
  name: string;
}

/** A source folder, local or on a server. Nothing outside of it can be named. */
export interface Folder {
  /** Plain files, no links and no folders. */
  list(folder: FilePlace["folder"]): Promise<FileEntry[]>;
  /** At most `most` bytes and one more, which tells that there are more. Undefined where there is no such file. */
  read(place: FilePlace, most: number): Promise<Buffer | undefined>;
  /** False where there is no such file any more. */
  move(from: FilePlace, to: FilePlace): Promise<boolean>;
  write(place: FilePlace, content: string | Buffer): Promise<void>;
  /** Gives a file another name in the folder itself, over one that has it already. */
  replace(from: string, to: string): Promise<void>;
  /** Makes the work folders where they are not there. */
  prepare(): Promise<void>;
  close(): Promise<void>;
}

/** A folder that cannot be used, with the outcome class that says whether a wait may mend it. */
export class FolderFailure extends Error {
  override name = "FolderFailure";
  readonly failure: Failure;
  constructor(failure: Failure, cause?: unknown) {
    super(failure.reason.message, { cause });
    this.failure = failure;
  }
}
