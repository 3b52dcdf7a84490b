import '@testing-library/jest-dom';
import { render, screen } from '@testing-library/react';
import { ApiError } from '@sori/client';
import { alice, between, conversationId } from '@sori/client/testing';
import type { Conversation } from '@sori/contract';
import { MemoryRouter } from 'react-router';
import { startTranslations } from '../../i18n';
import type { Client } from '../../session/client';
import { SocketContext } from '../../session/SocketContext';
import { createAppStore } from '../../session/appStore';
import { groupParts } from '../groups/groupParts';
import { roomParts } from '../rooms/roomParts';
import { NoThread } from './NoThread';

beforeAll(() => startTranslations('en'));

const room: Partial<Conversation> = { kind: 'room', name: 'Tea', slug: 'tea' };
const group: Partial<Conversation> = { kind: 'group', name: 'Us' };

/** What Alice sees at the address of a conversation that they had until now, or never. */
const opens = ({ had, atTheDoor, left = false }: Had) => {
  const store = createAppStore();
  store.getState().signedIn(alice);
  if (had !== undefined) {
    store.getState().conversationsReceived([between(had)]);
    store.getState().draftChanged(conversationId, { text: 'half a', replyTo: null });
    store.getState().conversationGone(conversationId);
    if (left) store.getState().goneByOneself(conversationId);
  }
  const client = { store, api: { room: atTheDoor } } as unknown as Client;
  render(
    <SocketContext value={client}>
      <MemoryRouter>
        <NoThread
          conversationId={conversationId}
          lane={conversationId}
          parts={{ group: groupParts, room: roomParts }}
        />
      </MemoryRouter>
    </SocketContext>,
  );
};
type Had = { had?: Partial<Conversation>; atTheDoor?: () => Promise<unknown>; left?: boolean };

const rejoin = () => screen.queryByRole('button', { name: 'Rejoin' });
const enter = () => screen.queryByRole('button', { name: 'Enter again' });

describe('somebody at a conversation that they no longer have', () => {
  it('is told that the room was deleted, keeps what they wrote, and is offered no way into it', async () => {
    opens({ had: room, atTheDoor: () => Promise.reject(new ApiError('NOT_FOUND', 'no such room')) });
    expect(await screen.findByRole('heading', { name: 'This room was deleted' })).toBeInTheDocument();
    expect(screen.getByText('half a')).toBeInTheDocument();
    expect(rejoin()).toBeNull();
    expect(enter()).toBeNull();
  });

  it('can enter a room again that is still there', async () => {
    opens({ had: room, atTheDoor: () => Promise.resolve({ slug: 'tea' }) });
    expect(
      await screen.findByRole('heading', { name: 'You are no longer in this room' }),
    ).toBeInTheDocument();
    expect(enter()).toBeEnabled();
    expect(rejoin()).toBeNull();
  });

  it('is offered to rejoin a group that they left, and none that they were removed from', () => {
    opens({ had: group });
    expect(screen.getByRole('heading', { name: /You are no longer in “.*Us.*”/ })).toBeInTheDocument();
    expect(rejoin()).toBeNull();
    opens({ had: group, left: true });
    expect(rejoin()).toBeEnabled();
  });

  it('is offered nothing to rejoin at an address that leads nowhere', () => {
    opens({});
    expect(screen.getByRole('heading', { name: 'There is nothing here' })).toBeInTheDocument();
    expect(rejoin()).toBeNull();
  });
});
