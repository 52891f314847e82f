const list = document.querySelector("ul");
for (const line of (await (await fetch("colors")).text()).trim().split("\n")) {
  const [name, hex] = line.split(" ");
  const item = document.createElement("li");
  item.textContent = name;
  item.style.borderColor = hex;
  list.append(item);
}
