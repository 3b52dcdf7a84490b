/** Who is in the pictures, and what they say. Lines that begin with `> ` are said by the one who is photographed. */
export type Role = { fullName: string; username: string; online: boolean };
export type Scene = {
  with: string;
  lines: string[];
  seen: boolean;
  /** Which line answers to which, by their places. */
  answers?: [line: number, to: number][];
  reactions?: { line: number; emoji: string; by: ('me' | 'other')[] }[];
  pinned?: number;
  muted?: boolean;
};
export type Cast = { me: string; photographedWith: string; roles: Role[]; scenes: Scene[] };

const ko: Cast = {
  me: '서연',
  photographedWith: '민지',
  roles: [
    { fullName: '박서연', username: '서연', online: false },
    { fullName: '김민지', username: '민지', online: true },
    { fullName: '이산', username: '이산', online: true },
    { fullName: '최도윤', username: 'doyun', online: false },
    { fullName: 'Anna Keller', username: 'anna.k', online: true },
    { fullName: '정하늘', username: 'sky', online: false },
    { fullName: '윤슬', username: '윤슬', online: false },
  ],
  scenes: [
    { with: '윤슬', lines: ['생일 축하해요! 🎂', '> 고마워요 ㅎㅎ'], seen: true },
    { with: 'sky', lines: ['사진 너무 예쁘게 나왔다'], seen: true, muted: true },
    {
      with: 'anna.k',
      lines: ['Shall we move Monday’s meeting?', '> Yes please, ten would be great'],
      seen: true,
    },
    { with: 'doyun', lines: ['회의록 올려 두었어요.', '확인 부탁드려요!', '급한 건 아니에요'], seen: false },
    {
      with: '민지',
      seen: true,
      answers: [
        [6, 5],
        [10, 9],
      ],
      reactions: [
        { line: 4, emoji: '❤️', by: ['other'] },
        { line: 3, emoji: '👍', by: ['me'] },
        { line: 10, emoji: '🎉', by: ['other', 'me'] },
        { line: 10, emoji: '🍰', by: ['other'] },
      ],
      pinned: 7,
      lines: [
        '주말에 뭐 해?',
        '한강에서 자전거 탈까 하는데',
        '> 오 좋다 몇 시에?',
        '두 시쯤 여의나루역 3번 출구 어때?\n자전거는 거기서 빌릴 수 있어',
        '> 좋아! 도시락은 내가 쌀게',
        '> 김밥이랑 유부초밥 둘 다 할 수 있는데 뭐가 더 좋아?',
        '둘 다 🙏',
        '지도는 여기 https://example.kr/yeouinaru를 보면 돼',
        '> 👍',
        '그런데 비 오면 어떡하지? 예보에는 늦은 오후에 소나기가 올 수도 있다던데, 그러면 지난번 그 카페에서 보드게임 해도 재미있을 것 같아',
        '> 거기 케이크 맛있었잖아. 비 오면 거기로!',
        '🎉🎉',
      ],
    },
    { with: '이산', lines: ['내일 점심 같이 먹을래요?'], seen: false },
  ],
};

const en: Cast = {
  me: 'maya',
  photographedWith: 'jonas',
  roles: [
    { fullName: 'Maya Park', username: 'maya', online: false },
    { fullName: 'Jonas Weber', username: 'jonas', online: true },
    { fullName: 'Aiko Tanaka', username: 'aiko', online: true },
    { fullName: 'Priya Nair', username: 'priya', online: false },
    { fullName: '한지우', username: '지우', online: true },
    { fullName: 'Nils Berg', username: 'nils', online: false },
    { fullName: 'Ellen Moe', username: 'ellen', online: false },
  ],
  scenes: [
    { with: 'ellen', lines: ['Happy birthday! 🎂', '> Thank you so much'], seen: true },
    { with: 'nils', lines: ['The pictures came out so well'], seen: true, muted: true },
    { with: '지우', lines: ['서울에는 언제 와요?', '> Next month! I will tell you the date'], seen: true },
    {
      with: 'priya',
      lines: ['I have put up the minutes.', 'Could you have a look?', 'No hurry'],
      seen: false,
    },
    {
      with: 'jonas',
      seen: true,
      answers: [
        [6, 5],
        [10, 9],
      ],
      reactions: [
        { line: 4, emoji: '❤️', by: ['other'] },
        { line: 3, emoji: '👍', by: ['me'] },
        { line: 10, emoji: '🎉', by: ['other', 'me'] },
        { line: 10, emoji: '🍰', by: ['other'] },
      ],
      pinned: 7,
      lines: [
        'What are you doing this weekend?',
        'I thought of cycling along the river',
        '> Oh nice, what time?',
        'How about two o’clock at exit 3?\nWe can rent bikes there',
        '> Yes! I will make lunch',
        '> I can do gimbap or inari, which one do you like better?',
        'Both 🙏',
        'The map is here: https://example.com/yeouinaru.',
        '> 👍',
        'But what if it rains? They say there may be a shower late in the afternoon. Then we could play board games in that café where we were last time',
        '> The cake was great. Rain means cake, then',
        '🎉🎉',
      ],
    },
    { with: 'aiko', lines: ['Lunch tomorrow?'], seen: false },
  ],
};

export const casts = { ko, en };
