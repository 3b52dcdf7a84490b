/** As little as a Socket.IO server can do with a message: acknowledge it and emit it to one other socket. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

interface Echo {
  to: string;
  message: string;
  clientId: string;
}

const http = createServer();
const io = new Server(http);
io.on('connection', (socket) => {
  void socket.join(String(socket.handshake.auth['name']));
  socket.on('send', (echo: Echo, acknowledge: (echo: Echo) => void) => {
    io.to(echo.to).emit('newMessage', echo);
    acknowledge(echo);
  });
});
http.listen(0, '127.0.0.1', () => console.log(`port ${(http.address() as AddressInfo).port}`));
