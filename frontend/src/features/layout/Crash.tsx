import { Component, type ReactNode } from 'react';
import { i18n } from '../../i18n';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';

/** A bug of ours must not end in a white page. Messages on their way lie in the outbox, not in here. */
export class Crash extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <main className="grid h-full place-items-center">
        <Notice alert title={i18n.t('crash.title')} hint={i18n.t('crash.hint')}>
          <Button onClick={() => window.location.reload()}>{i18n.t('crash.reload')}</Button>
        </Notice>
      </main>
    );
  }
}
