// What the parts of the program share: connections, and values as JSON can hold them.

import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

class Client {
  static final String URL = "jdbc:postgresql:" + System.getenv("CLIENT_URL").replace("tester@", "");
  static final String TAME = "select * from kinds where id < 32 order by id";
  static final String ROWS = "select site, device, ts, temp, price, note from readings order by site, device, ts";
  static final String ENDLESS =
      "select count(*) from readings a, readings b, readings c, readings d where a.temp + b.temp + c.temp + d.temp > 1e9";

  interface Work<T> {
    T on(Connection connection) throws Exception;
  }

  static Connection connect(String... settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", System.getenv("PGUSER"));
    properties.setProperty("loginTimeout", "20");
    for (int i = 0; i < settings.length; i += 2) properties.setProperty(settings[i], settings[i + 1]);
    return DriverManager.getConnection(URL, properties);
  }

  static <T> T with(Work<T> work, String... settings) throws Exception {
    try (Connection connection = connect(settings)) {
      return work.on(connection);
    }
  }

  // A value as JSON can hold it, the same on both servers.
  static Object shown(Object value) throws SQLException {
    if (value instanceof Array array) return shown(array.getArray());
    if (value instanceof Object[] parts) {
      List<Object> made = new ArrayList<>();
      for (Object part : parts) made.add(shown(part));
      return made;
    }
    return value;
  }

  static List<Object> rows(ResultSet set) throws SQLException {
    List<Object> found = new ArrayList<>();
    int columns = set.getMetaData().getColumnCount();
    while (set.next()) {
      List<Object> row = new ArrayList<>();
      for (int i = 1; i <= columns; i++) row.add(shown(set.getObject(i)));
      found.add(row);
    }
    return found;
  }

  static List<Object> query(Connection connection, String text, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
      try (ResultSet set = statement.executeQuery()) {
        return rows(set);
      }
    }
  }
}
