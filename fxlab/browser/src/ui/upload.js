/** @import { Session } from "../kernel/session.js" */
/** @import { Answer } from "../types" */

/** The largest file that the kernel accepts, and the size of one message, in bytes; some servers limit messages. */
const MAX_FILE_BYTES = 50e6;
const CHUNK_BYTES = 4e6;

/**
 * Send a file to the kernel in parts; an error is shown.
 *
 * @param {Session} session
 * @param {"upload_sound" | "upload_target"} query
 * @param {File} file
 * @returns {Promise<(Answer & { upload: number }) | null>} the answer to the last part and the number of the upload, or null
 *   after an error
 */
export async function uploadFile(session, query, file) {
  if (file.size > MAX_FILE_BYTES) {
    const limit = `${MAX_FILE_BYTES / 1e6} MB`;
    session.notices.showError(`${file.name} is larger than ${limit}; read it with fx.load(path) in a cell.`);
    return null;
  }
  const upload = Math.random();
  try {
    const data = await file.arrayBuffer();
    for (let start = 0; ; start += CHUNK_BYTES) {
      const last = start + CHUNK_BYTES >= data.byteLength;
      const fields = { file: file.name, upload, first: start === 0, last };
      const answer = await session.query(query, fields, [data.slice(start, start + CHUNK_BYTES)]);
      if (!answer) return null;
      if (last) return { ...answer, upload };
    }
  } catch {
    session.notices.showError(`${file.name} cannot be read: it is a folder or no longer exists.`);
    return null;
  }
}
