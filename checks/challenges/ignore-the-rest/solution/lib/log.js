// Prints a line with the time. In a container, Docker keeps what a program prints.
module.exports = (text) => console.log(new Date().toISOString(), text);
