/** Numbers that both ends must agree on. The source of each is the public contract unless a comment says otherwise. */
export const limits = {
  usernameMin: 2,
  usernameMax: 32,
  fullNameMax: 50,
  passwordMinCharacters: 8,
  /** bcrypt reads 72 bytes and ignores the rest, so a longer password would be cut in silence. */
  passwordMaxBytes: 72,
  /** Ours has 29 characters. */
  adminCodeMax: 64,
  /** Counted in code points, after trimming. */
  messageMax: 8_000,
  /** Longest request body, in bytes. */
  bodyMaxBytes: 256 * 1024,
  /** Files with one message. */
  attachmentsMax: 10,
  /** In code points; a longer one is cut in front of its ending. */
  fileNameMax: 255,
  /** How loud a voice message is, so many times. */
  peaks: 64,
  /** Of one person at the same time: requests whose bytes are being received, and uploads that are not whole yet. */
  uploadsReceivedMax: 4,
  uploadsUnfinishedMax: 50,
  /** A picture of a person or a group, in bytes. */
  pictureMaxBytes: 10 * 1024 * 1024,
  pageDefault: 50,
  pageMax: 100,
  entriesDefault: 200,
  entriesMax: 500,
  /** A page of entries ends before it is larger than this, as JSON before compression; but it has at least one. */
  entriesPageBytes: 512 * 1024,
  /** A client further behind than this gets the newest page instead of the way there (`tooLong`, socket only). */
  followMax: 5_000,
  /** Members whose rows and receipts are shown to everybody in the conversation. */
  membersShown: 50,
  /** Of those who come into a group, so many are described to the recipients. */
  arrivalsDescribed: 10,
  /**
   * Unread messages, and mentions among them, are counted exactly up to this; where there are more, the count says
   * "more".
   */
  unreadMax: 1_000,
  mentionsMax: 100,
  watchedPeopleMax: 500,
  /** Most ids in a tutorial client's `getOnlineUsers`. */
  tutorialOnlineMax: 2_000,
  conversationNameMax: 80,
  /** Each change of membership is one entry that names everybody concerned, and each message is emitted to all. */
  groupMembersMax: 5_000,
  /** People shown with a group or a room; the others are asked for. */
  participantsShown: 8,
  reactionsPerPerson: 20,
  /** In UTF-16 units: a family of four with skin tones has 19, the flag of Scotland 14. */
  emojiMax: 40,
  /** Different emojis on one message, and people who reacted to it. */
  reactionKindsMax: 20,
  reactorsMax: 5_000,
  /** Of those who chose an emoji, so many are shown by id, the first ones; all are counted. */
  reactorsShown: 50,
  blocksPerPerson: 1_000,
  /** Why something is reported, in code points. */
  reasonMax: 1_000,
  /** Longer is "until I turn it back on", which is a time far away. */
  muteMaxSeconds: 10 * 366 * 24 * 60 * 60,
  slugMin: 2,
  slugMax: 48,
  nicknameMax: 50,
  slowModeMaxSeconds: 6 * 60 * 60,
  retentionDefaultHours: 24,
  retentionMaxHours: 366 * 24,
  /**
   * A typing notice is emitted at most this often, in milliseconds, and forgotten by recipients after
   * `typingForgottenMs`.
   */
  typingEveryMs: 3_000,
  typingForgottenMs: 6_000,
} as const;
