import * as z from 'zod/mini';
import { bounded } from './bounded.js';
import { limits } from './limits.js';
import { Id, queryLimit, querySeq, Seq, Time } from './primitives.js';

/** A file as a message carries it. What it is, its content has said, not its name. */
export const Attachment = z.object({
  /** The id of the file. */
  _id: Id,
  name: z.string(),
  type: z.string(),
  /** In bytes. */
  size: z.int(),
  /** Of a picture, in pixels, as it is seen. */
  width: z.optional(z.int()),
  height: z.optional(z.int()),
  /** In seconds, as its sender says. */
  duration: z.optional(z.number()),
  /** Of a voice message: how loud it is, 64 times from 0 to 1. */
  peaks: z.optional(z.array(z.number())),
  /** What is shown of a picture until it is there: a thumbhash in base64. */
  placeholder: z.optional(z.string()),
  animated: z.optional(z.boolean()),
});
export type Attachment = z.infer<typeof Attachment>;

/** How a file is shown. */
export type AttachmentKind = 'picture' | 'video' | 'audio' | 'voice' | 'file';

export function attachmentKind({ type, peaks }: Pick<Attachment, 'type' | 'peaks'>): AttachmentKind {
  if (/^image\/(?:png|jpeg|gif|webp)$/.test(type)) return 'picture';
  if (/^video\/(?:mp4|webm)$/.test(type)) return 'video';
  if (/^audio\/(?:mpeg|mp4|webm|ogg|wav)$/.test(type)) return peaks === undefined ? 'audio' : 'voice';
  return 'file';
}

/** What is sent with a message: an upload of one's own, or a file of a message that one may read. */
export const AttachmentRef = z.object({ fileId: Id, fromMessageId: z.optional(Id) });
export type AttachmentRef = z.infer<typeof AttachmentRef>;

export const AttachmentRefs = z._default(
  z.array(AttachmentRef, { error: 'attachments must be a list' }).check(
    z.maxLength(limits.attachmentsMax, `At most ${limits.attachmentsMax} files can be sent at once`),
    z.refine(
      (refs) => new Set(refs.map(({ fileId }) => fileId)).size === refs.length,
      'A file can be sent once with a message',
    ),
  ),
  [],
);

/** Why `attachments` were refused: `details.reason` of `INVALID`. What has expired has to be uploaded again. */
export const attachmentRefusals = ['expired', 'unfinished', 'notYours'] as const;
export type AttachmentRefusal = (typeof attachmentRefusals)[number];

/** What `POST /api/files` answers. */
export const UploadedFile = z.extend(Attachment, {
  fileId: Id,
  /** It may say where it was made: that could not be removed from it. */
  mayTellPlace: z.optional(z.boolean()),
});
export type UploadedFile = z.infer<typeof UploadedFile>;

/** What has become of a whole upload: the header `Sori-File-State`. */
export const fileStates = ['processing', 'ready', 'refused'] as const;
export type FileState = (typeof fileStates)[number];

/** The smaller copies of a picture. */
export const pictureSizes = ['thumb', 'display'] as const;
export type PictureSize = (typeof pictureSizes)[number];

/** The query of `GET /api/files/:id`. */
export const FileQuery = z.object({
  size: z.optional(z.enum(pictureSizes, { error: 'size must be thumb or display' })),
  download: z.optional(z.literal('1', { error: 'download can only be 1' })),
});
export type FileQuery = z.infer<typeof FileQuery>;

/** Which of what people sent is listed. `media`: pictures and videos; `file`: sounds, too. */
export const sharedKinds = ['media', 'file', 'voice', 'link'] as const;
export type SharedKind = (typeof sharedKinds)[number];

export function sharedKindOf(attachment: Attachment): SharedKind {
  const kind = attachmentKind(attachment);
  if (kind === 'picture' || kind === 'video') return 'media';
  return kind === 'voice' ? 'voice' : 'file';
}

/** The query of `GET /api/conversations/:id/files`. */
export const SharedQuery = z.object({
  kind: z.enum(sharedKinds, { error: `kind must be one of ${sharedKinds.join(', ')}` }),
  before: z.optional(querySeq('before', 1)),
  limit: queryLimit(limits.pageDefault, limits.pageMax),
});
export type SharedQuery = z.infer<typeof SharedQuery>;

/** One file, or one address, that somebody sent. */
export const SharedItem = z.object({
  messageId: Id,
  seq: Seq,
  at: Time,
  attachment: z.optional(Attachment),
  url: z.optional(z.string()),
});
export type SharedItem = z.infer<typeof SharedItem>;

/** Newest first. A message's files are on one page, so a page has at least one message, however many those are. */
export const SharedPage = z.object({
  items: z.array(SharedItem),
  /** What to ask `before`, where there are more. */
  next: z.optional(Seq),
});
export type SharedPage = z.infer<typeof SharedPage>;

/** The `Upload-Metadata` of tus, decoded. */
export const UploadMetadata = z.object({
  filename: z.optional(bounded('filename', 1_000)),
  filetype: z.optional(bounded('filetype', 200)),
  duration: z.optional(
    z.pipe(
      bounded('duration', 20),
      z.pipe(
        z.transform(Number),
        z.number({ error: 'duration must be a number of seconds' }).check(z.minimum(0), z.maximum(86_400)),
      ),
    ),
  ),
  /** 64 numbers with commas. */
  peaks: z.optional(
    z.pipe(
      bounded('peaks', 1_000),
      z.pipe(
        z.transform((text: string) => text.split(',').map(Number)),
        z
          .array(z.number({ error: 'peaks must be numbers' }).check(z.minimum(0), z.maximum(1)))
          .check(z.length(limits.peaks, `peaks must be ${limits.peaks} numbers`)),
      ),
    ),
  ),
});
export type UploadMetadata = z.infer<typeof UploadMetadata>;

type Language = 'ko' | 'en';

const one: Record<Language, Record<AttachmentKind, string>> = {
  en: { picture: 'Picture', video: 'Video', audio: 'Audio', voice: 'Voice message', file: 'File' },
  ko: { picture: '사진', video: '동영상', audio: '오디오', voice: '음성 메시지', file: '파일' },
};
const many: Record<Language, Record<'picture' | 'video' | 'file', (count: number) => string>> = {
  en: {
    picture: (count) => `${count} pictures`,
    video: (count) => `${count} videos`,
    file: (count) => `${count} files`,
  },
  ko: {
    picture: (count) => `사진 ${count}장`,
    video: (count) => `동영상 ${count}개`,
    file: (count) => `파일 ${count}개`,
  },
};

/** `0:12`; an hour is `1:00:00`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (part: number): string => String(part).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3_600);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
}

/** Files where only words fit: "Picture", "3 pictures", "Voice message 0:12", a file by its name. Empty for none. */
export function attachmentWords(attachments: readonly Attachment[], language: Language): string {
  const [first, ...others] = attachments;
  if (first === undefined) return '';
  const kind = attachmentKind(first);
  if (others.length > 0) {
    const alike = others.every((other) => attachmentKind(other) === kind);
    return many[language][alike && (kind === 'picture' || kind === 'video') ? kind : 'file'](
      attachments.length,
    );
  }
  if (kind === 'file' || kind === 'audio') return first.name;
  const words = one[language][kind];
  return kind === 'voice' && first.duration !== undefined
    ? `${words} ${durationText(first.duration)}`
    : words;
}
