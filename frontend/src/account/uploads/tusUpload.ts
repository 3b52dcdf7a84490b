import { ApiError, jsonOf, refusalOf } from '@sori/client';
import { Id, isErrorCode } from '@sori/contract';
import type { DetailedError } from 'tus-js-client';

/** In bytes: what is lost at most where a line breaks, and has to be sent again. */
const partSize = 4 * 2 ** 20;
/** The server looks at a whole file before it can be sent; it is asked at that pace, in milliseconds. */
const lookEveryMs = 400;

export type Uploaded = { fileId: Id; mayTellPlace: boolean };

export type UploadWork = {
  blob: Blob;
  name: string;
  type: string;
  /** Where an earlier try has begun it. */
  url: string | undefined;
  began: (url: string) => void;
  progressed: (sent: number) => void;
  pause: (ms: number) => Promise<void>;
  signal: AbortSignal;
};

/** Uploads one file, and waits until it can be sent. Throws an ApiError: of those that pass, the next try goes on. */
export type Upload = (work: UploadWork) => Promise<Uploaded>;

/** `state` is null until all bytes are there. */
type Standing = { state: string | null; code: string | null; mayTellPlace: boolean };

const ask = async (url: string, method: 'HEAD' | 'DELETE', signal?: AbortSignal): Promise<Response> => {
  try {
    return await fetch(url, {
      method,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: { 'Tus-Resumable': '1.0.0' },
      ...(signal && { signal }),
    });
  } catch (thrown) {
    throw new ApiError('NO_ANSWER', 'The server does not answer', { cause: thrown });
  }
};

/** Null where the server has no such upload, or has no longer. */
const standingOf = async (url: string, signal: AbortSignal): Promise<Standing | null> => {
  const answer = await ask(url, 'HEAD', signal);
  if (answer.status === 404 || answer.status === 410) return null;
  // An answer to HEAD has no body to say more.
  if (answer.status === 401) throw new ApiError('UNAVAILABLE', 'Nobody is signed in');
  if (!answer.ok) throw refusalOf(answer, undefined);
  return {
    state: answer.headers.get('Sori-File-State'),
    code: answer.headers.get('Sori-File-Code'),
    mayTellPlace: answer.headers.get('Sori-File-Notice') === 'may-tell-place',
  };
};

/** What tus says of an answer that it did not expect. */
const asApiError = (thrown: Error): ApiError => {
  const answer = (thrown as Partial<DetailedError>).originalResponse;
  if (answer === undefined || answer === null)
    return new ApiError('NO_ANSWER', 'The server does not answer', { cause: thrown });
  const status = answer.getStatus();
  // It stands elsewhere by now, is being written to, or is gone: the next try asks first.
  if ([404, 409, 410, 423].includes(status)) return new ApiError('RETRY', `HTTP ${status}`);
  if (status === 401) return new ApiError('UNAVAILABLE', 'Nobody is signed in');
  const headers = { get: (name: string) => answer.getHeader(name) ?? null };
  return refusalOf({ ok: false, status, headers }, jsonOf(answer.getBody()));
};

/** Without the host: it may have another name tomorrow. */
const pathOf = (url: string | null): string => new URL(url ?? '', window.location.href).pathname;

/** Sends what is missing. */
const send = async (work: UploadWork): Promise<string> => {
  const { blob, name, type, url, began, progressed, signal } = work;
  const tus = await import('tus-js-client').catch((thrown: unknown) => {
    throw new ApiError('NO_ANSWER', 'The page is not whole', { cause: thrown });
  });
  return new Promise((done, failed) => {
    const upload = new tus.Upload(blob, {
      // With its own address and no other, so that an answer which only passes does not make it begin anew.
      endpoint: url === undefined ? new URL('/api/uploads', window.location.href).href : null,
      uploadUrl: url ?? null,
      chunkSize: partSize,
      // Tries are counted where it is known whether there is a line at all.
      retryDelays: null,
      storeFingerprintForResuming: false,
      metadata: { filename: name, filetype: type },
      onUploadUrlAvailable: () => began(pathOf(upload.url)),
      onProgress: progressed,
      onSuccess: () => done(pathOf(upload.url)),
      onError: (error) => failed(asApiError(error)),
    });
    const abort = () => {
      void upload.abort();
      failed(new ApiError('ABORTED', 'No longer wanted'));
    };
    if (signal.aborted) abort();
    else {
      signal.addEventListener('abort', abort);
      upload.start();
    }
  });
};

const fileIdOf = (url: string): Id => {
  const parsed = Id.safeParse(url.split('/').at(-1));
  if (!parsed.success) throw new ApiError('NOT_UNDERSTOOD', `An upload at ${url}`);
  return parsed.data;
};

export const uploadByTus: Upload = async (work) => {
  const { blob, pause, progressed, signal } = work;
  const begun = work.url === undefined ? null : await standingOf(work.url, signal);
  const isWhole = begun !== null && begun.state !== null;
  const url =
    isWhole && work.url !== undefined
      ? work.url
      : await send({ ...work, url: begun === null ? undefined : work.url });
  progressed(blob.size);
  for (;;) {
    const standing = await standingOf(url, signal);
    // Of what is not whole the server says no state: it has lost some of it.
    if (standing === null || standing.state === null) throw new ApiError('RETRY', 'It is not whole');
    if (standing.state === 'ready') return { fileId: fileIdOf(url), mayTellPlace: standing.mayTellPlace };
    if (standing.state === 'refused') {
      const code = standing.code ?? '';
      throw new ApiError(isErrorCode(code) ? code : 'REFUSED', 'The file was refused');
    }
    await pause(lookEveryMs);
    if (signal.aborted) throw new ApiError('ABORTED', 'No longer wanted');
  }
};

/** The server need not keep it. What belongs to a message by now it keeps. */
export const giveUpload = (url: string): void => {
  void ask(url, 'DELETE').catch(() => undefined);
};
