// For the Java programs of clients: prints steps as lines of JSON.

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

final class Steps {
  private Steps() {}

  static void version(String text) {
    say(Map.of("version", text));
  }

  static void step(String name, Callable<?> run) {
    Object value;
    try {
      value = run.call();
    } catch (Exception error) {
      value = outcomeOf(error);
    }
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("step", name);
    said.put("value", value);
    say(said);
  }

  // What both servers have to agree in; an exception's own texts beyond the first line are the driver's.
  static Map<String, Object> outcomeOf(Throwable error) {
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("error", error.getClass().getSimpleName());
    if (error instanceof SQLException sql) said.put("sqlstate", sql.getSQLState());
    said.put("message", String.valueOf(error.getMessage()).lines().findFirst().orElse(""));
    return said;
  }

  private static void say(Map<String, ?> said) {
    byte[] line = (json(said) + "\n").getBytes(StandardCharsets.UTF_8);
    System.out.write(line, 0, line.length);
    System.out.flush();
  }

  private static String json(Object value) {
    if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long || value instanceof Short) {
      return String.valueOf(value);
    }
    if (value instanceof byte[] bytes) return json("\\x" + HexFormat.of().formatHex(bytes));
    if (value instanceof int[] numbers) return json(Arrays.stream(numbers).boxed().toList());
    if (value instanceof long[] numbers) return json(Arrays.stream(numbers).boxed().toList());
    if (value instanceof Object[] array) return json(Arrays.asList(array));
    if (value instanceof Collection<?> list) return list.stream().map(Steps::json).toList().toString();
    if (value instanceof Map<?, ?> map) {
      return "{" + String.join(", ", map.entrySet().stream().map(e -> quoted(String.valueOf(e.getKey())) + ": " + json(e.getValue())).toList()) + "}";
    }
    return quoted(value.toString());
  }

  private static String quoted(String text) {
    StringBuilder made = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') made.append('\\').append(c);
      else if (c < ' ') made.append(String.format("\\u%04x", (int) c));
      else made.append(c);
    }
    return made.append('"').toString();
  }
}
