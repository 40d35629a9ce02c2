// Loaded before a stand-in starts: it then listens on the loopback interface alone, on a port that is free, and says which.
// emulate has no option for the interface.
const { Server } = require("node:net");
const listen = Server.prototype.listen;

Server.prototype.listen = function (...given) {
  this.once("listening", () => console.log(`listening on ${this.address().port}`));
  return listen.call(this, { port: 0, host: "127.0.0.1" }, given.find((argument) => typeof argument === "function"));
};
