// Timeouts, cancel, COPY and staged rows, batches, and a connection's settings.

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

final class Sessions extends Client {
  static void timing(Connection connection) {
    Steps.step("query timeout", () -> {
      try (Statement statement = connection.createStatement()) {
        statement.setQueryTimeout(1);
        return rows(statement.executeQuery(ENDLESS));
      }
    });
    Steps.step("cancelled", () -> {
      try (Statement statement = connection.createStatement()) {
        Thread canceller = new Thread(() -> {
          try {
            Thread.sleep(300);
            statement.cancel();
          } catch (Exception error) {
            System.err.println(error);
          }
        });
        canceller.start();
        try {
          return rows(statement.executeQuery(ENDLESS));
        } catch (SQLException error) {
          canceller.join();
          return List.of(Steps.outcomeOf(error), query(connection, "select 1"));
        }
      }
    });
    Steps.step("statement_timeout by options", () -> with(c -> query(c, ENDLESS), "options", "-c statement_timeout=200"));
    Steps.step("socket timeout", () -> with(c -> {
      try {
        return query(c, ENDLESS);
      } catch (SQLException error) {
        return error.getSQLState();
      }
    }, "socketTimeout", "1", "options", "-c statement_timeout=3s"));
  }

  static void copying(Connection connection) throws Exception {
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    for (String form : List.of("text", "csv, header, force_quote *", "csv, delimiter ';', null '-'")) {
      Steps.step("copy out, " + form, () -> {
        StringWriter written = new StringWriter();
        long rows = copy.copyOut("copy (" + ROWS + " limit 20) to stdout (format " + form + ")", written);
        return List.of(rows, written.toString());
      });
    }
    Steps.step("copy out, binary", () -> {
      ByteArrayOutputStream written = new ByteArrayOutputStream();
      long rows = copy.copyOut("copy (" + TAME + ") to stdout (format binary)", written);
      return List.of(rows, written.toByteArray());
    });
    Steps.step("copy out, cancelled", () -> with(c -> {
      var out = c.unwrap(PGConnection.class).getCopyAPI().copyOut("copy (select a.note from readings a, readings b, devices c) to stdout");
      out.readFromCopy();
      try {
        out.cancelCopy();
        return "ended";
      } catch (SQLException error) {
        return error.getSQLState();
      }
    }));
    Steps.step("temporary table", () -> {
      try (Statement statement = connection.createStatement()) {
        return statement.executeUpdate("create temp table picked (device integer, label text)");
      }
    });
    Steps.step("copy in", () -> copy.copyIn("copy picked from stdin", new StringReader("1\tone\n2\t\\N\n")));
    Steps.step("copy in, csv", () -> copy.copyIn("copy picked from stdin (format csv)", new ByteArrayInputStream("3,three\n".getBytes())));
    Steps.step("batch", () -> {
      try (PreparedStatement statement = connection.prepareStatement("insert into picked values (?, ?)")) {
        for (int i = 4; i < 8; i++) {
          statement.setInt(1, i);
          statement.setString(2, "n" + i);
          statement.addBatch();
        }
        return statement.executeBatch();
      }
    });
    Steps.step("joined with the copied", () -> query(connection, "select label, count(*) from readings join picked using (device) group by 1 order by 1"));
    Steps.step("batches rewritten", () -> with(c -> {
      try (Statement s = c.createStatement()) {
        s.execute("create temp table many (a integer, b text)");
      }
      try (PreparedStatement statement = c.prepareStatement("insert into many (a, b) values (?, ?)")) {
        for (int i = 0; i < 300; i++) {
          statement.setInt(1, i);
          statement.setString(2, "x" + i);
          statement.addBatch();
        }
        statement.executeBatch();
      }
      return query(c, "select count(*), sum(a), max(b) from many");
    }, "reWriteBatchedInserts", "true"));
    Steps.step("generated keys", () -> with(c -> {
      try (Statement s = c.createStatement()) {
        s.execute("create temp table numbered (id serial primary key, b text)");
        s.executeUpdate("insert into numbered (b) values ('x'), ('y')", Statement.RETURN_GENERATED_KEYS);
        return rows(s.getGeneratedKeys());
      }
    }));
    Steps.step("batch of reads", () -> {
      try (Statement statement = connection.createStatement()) {
        statement.addBatch("select 1");
        return statement.executeBatch();
      }
    });
    Steps.step("batch of settings", () -> {
      try (Statement statement = connection.createStatement()) {
        statement.addBatch("set extra_float_digits = 2");
        statement.addBatch("set TimeZone = 'UTC'");
        return statement.executeBatch();
      }
    });
  }

  static void connections() {
    Steps.step("options", () -> with(c -> query(c, "select current_setting('search_path'), current_setting('DateStyle'), current_setting('application_name')"),
        "options", "-c search_path=plant,public -c DateStyle=ISO,DMY", "ApplicationName", "from java"));
    Steps.step("currentSchema", () -> with(c -> c.getSchema(), "currentSchema", "plant"));
    Steps.step("readOnly", () -> with(c -> {
      c.setAutoCommit(false);
      return query(c, "show transaction_read_only");
    }, "readOnly", "true"));
    Steps.step("readOnlyMode always", () -> with(c -> query(c, "select count(*) from devices"), "readOnly", "true", "readOnlyMode", "always"));
    for (String kind : List.of("any", "primary", "preferSecondary")) {
      Steps.step("targetServerType " + kind, () -> with(c -> query(c, "select 1"), "targetServerType", kind));
    }
    for (String mode : List.of("disable", "allow", "prefer", "require")) {
      Steps.step("sslmode " + mode, () -> with(c -> query(c, "select 1"), "sslmode", mode));
    }
    Steps.step("gssEncMode prefer", () -> with(c -> query(c, "select 1"), "gssEncMode", "prefer", "gssResponseTimeout", "2000"));
    Steps.step("assumeMinServerVersion", () -> with(c -> query(c, "select 1"), "assumeMinServerVersion", "15", "ApplicationName", "x"));
    Steps.step("stringtype unspecified", () -> with(c -> query(c, "select count(*) from readings where device = ?", "3"), "stringtype", "unspecified"));
    Steps.step("no such database", () -> {
      Properties properties = new Properties();
      properties.setProperty("user", "tester");
      return DriverManager.getConnection(URL.replaceAll("/fedgate$", "/nowhere"), properties);
    });
    Steps.step("listen", () -> with(c -> {
      try (Statement s = c.createStatement()) {
        s.execute("listen news");
        s.execute("unlisten *");
        return c.unwrap(PGConnection.class).getNotifications().length;
      }
    }));
    Steps.step("aborted", () -> {
      Connection connection = connect();
      connection.abort(Runnable::run);
      return connection.isClosed();
    });
  }
}
