import '@testing-library/jest-dom';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useOneStop } from './useOneStop';

type Props = { names: readonly string[]; first?: string; across?: boolean };

function List({ names, first, across }: Props) {
  const { list, stopOf } = useOneStop(names, { first, across });
  return (
    <>
      <ul {...list}>
        {names.map((name) => (
          <li key={name}>
            <button {...stopOf(name)}>{name}</button>
          </li>
        ))}
      </ul>
      <button>behind it</button>
    </>
  );
}
const button = (name: string) => screen.getByRole('button', { name });
const names = ['one', 'two', 'three'];

test('Tab comes to the list once, where it is to begin, and then leaves it', async () => {
  render(<List names={names} first="two" />);
  await userEvent.tab();
  expect(button('two')).toHaveFocus();
  await userEvent.tab();
  expect(button('behind it')).toHaveFocus();
});

test('the arrow keys, Home and End go through it, and Tab comes back to where one was', async () => {
  render(<List names={names} />);
  await userEvent.tab();
  await userEvent.keyboard('{ArrowDown}');
  expect(button('two')).toHaveFocus();
  await userEvent.keyboard('{End}{ArrowDown}');
  expect(button('three')).toHaveFocus();
  await userEvent.tab();
  await userEvent.tab({ shift: true });
  expect(button('three')).toHaveFocus();
  await userEvent.keyboard('{Home}{ArrowUp}{ArrowRight}{Alt>}{ArrowDown}{/Alt}');
  expect(button('one')).toHaveFocus();
});

test('where they lie side by side, it is left and right', async () => {
  render(<List names={names} across />);
  await userEvent.tab();
  await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowLeft}{ArrowDown}');
  expect(button('two')).toHaveFocus();
});

test('a list that has lost the row where one was can still be reached', async () => {
  const { rerender } = render(<List names={names} />);
  await userEvent.click(button('three'));
  rerender(<List names={['one', 'two']} />);
  button('behind it').focus();
  await userEvent.tab({ shift: true });
  expect(button('one')).toHaveFocus();
});
