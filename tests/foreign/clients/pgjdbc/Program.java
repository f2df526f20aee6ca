// pgjdbc: all of DatabaseMetaData, every query mode, binary transfer, fetch size, timeouts, cancel, COPY, batches, savepoints.

import java.math.BigDecimal;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.util.DriverInfo;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;

public final class Program extends Client {
  // ------------------------------------------------------------------------------------------------------------- values

  static void values() {
    for (String mode : List.of("simple", "extended", "extendedForPrepared", "extendedCacheEverything")) {
      Steps.step("every type, " + mode, () -> with(c -> query(c, TAME), "preferQueryMode", mode));
    }
    Steps.step("every type, binary", () -> with(c -> query(c, TAME), "prepareThreshold", "-1"));
    Steps.step("every type, no binary", () -> with(c -> query(c, TAME), "prepareThreshold", "-1", "binaryTransfer", "false"));
    String extremes = "select id, i8, f8, n, t, by, u, jb, ai, at from kinds where id between 32 and 46 order by id";
    Steps.step("extremes", () -> with(c -> query(c, extremes)));
    Steps.step("extremes, binary", () -> with(c -> query(c, extremes), "prepareThreshold", "-1"));
  }

  static void parameters(Connection connection) throws Exception {
    Map<String, Object> sent = new LinkedHashMap<>();
    sent.put("boolean", true);
    sent.put("smallint", (short) -32768);
    sent.put("integer", 5);
    sent.put("bigint", Long.MIN_VALUE);
    sent.put("real", 1.5f);
    sent.put("double precision", 0.1);
    sent.put("numeric", new BigDecimal("123456789012345678901234567890.50"));
    sent.put("text", "é'東\\");
    sent.put("varchar(3)", "abc");
    sent.put("bytea", new byte[] {0, (byte) 255});
    sent.put("date", LocalDate.of(2024, 2, 29));
    sent.put("time", LocalTime.of(1, 2, 3, 4000));
    sent.put("timestamp", LocalDateTime.of(2024, 3, 31, 2, 30, 0, 123456000));
    sent.put("timestamptz", OffsetDateTime.of(2024, 3, 31, 2, 30, 0, 1000, ZoneOffset.UTC));
    sent.put("interval", new PGInterval("1 mon -2 days 03:04:05.678"));
    sent.put("uuid", new UUID(0, 5));
    PGobject json = new PGobject();
    json.setType("jsonb");
    json.setValue("{\"b\": 1, \"a\": [1.50]}");
    sent.put("jsonb", json);
    sent.put("integer[]", new Integer[] {1, null, 3});
    sent.put("text[]", new String[] {"a", null, "b\"c"});
    for (var one : sent.entrySet()) {
      // From the sixth time on by a statement at the server, and in binary where the driver can.
      Steps.step("parameter of type " + one.getKey(), () -> {
        List<Object> got = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("select ?::" + one.getKey() + " as v, ?::" + one.getKey() + " is null")) {
          for (int i = 0; i < 8; i++) {
            statement.setObject(1, one.getValue());
            statement.setNull(2, Types.NULL);
            got.addAll(rows(statement.executeQuery()));
          }
        }
        return got;
      });
    }
    Steps.step("arrays", () -> {
      Array array = connection.createArrayOf("int4", new Object[] {1, 3, 5});
      List<Object> found = query(connection, "select device, count(*) from readings where device = any(?) group by 1 order by 1", array);
      try (Statement s = connection.createStatement(); ResultSet set = s.executeQuery("select tags from devices where device = 3")) {
        set.next();
        return List.of(found, set.getArray(1).getBaseTypeName(), rows(set.getArray(1).getResultSet()));
      }
    });
    Steps.step("escapes", () -> query(connection,
        "select {fn ucase('x')}, {d '2024-02-29'}, {ts '2024-02-29 01:02:03'}, {fn timestampadd(SQL_TSI_DAY, 1, {d '2024-02-29'})}, {fn concat('a', 'b')}"));
    Steps.step("function called", () -> {
      try (CallableStatement call = connection.prepareCall("{? = call upper(?)}")) {
        call.registerOutParameter(1, Types.VARCHAR);
        call.setString(2, "é");
        call.execute();
        return call.getString(1);
      }
    });
  }

  // ----------------------------------------------------------------------------------------------------------- running

  static void prepared(Connection connection) {
    Steps.step("prepared after five executions", () -> {
      List<Object> got = new ArrayList<>();
      try (PreparedStatement statement = connection.prepareStatement("select count(*), min(ts), max(price) from readings where device = ? and site = ?")) {
        for (int i = 0; i < 10; i++) {
          statement.setInt(1, i % 7);
          statement.setString(2, i % 2 == 0 ? "north" : "east");
          got.add(rows(statement.executeQuery()));
          got.add(statement.unwrap(org.postgresql.PGStatement.class).isUseServerPrepare());
        }
      }
      return got;
    });
    Steps.step("prepared again after DISCARD", () -> {
      try (PreparedStatement statement = connection.prepareStatement("select ?::int + 1"); Statement plain = connection.createStatement()) {
        for (int i = 0; i < 7; i++) {
          statement.setInt(1, i);
          rows(statement.executeQuery());
        }
        plain.execute("deallocate all");
        return rows(statement.executeQuery());
      }
    });
    Steps.step("several results", () -> {
      List<Object> got = new ArrayList<>();
      try (Statement statement = connection.createStatement()) {
        boolean more = statement.execute("select 1; set extra_float_digits = 1; select 'x' as a, 2; select 1 where false");
        while (more || statement.getUpdateCount() != -1) {
          got.add(more ? rows(statement.getResultSet()) : statement.getUpdateCount());
          more = statement.getMoreResults();
        }
      }
      return got;
    });
    Steps.step("scrolled", () -> {
      try (Statement s = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY); ResultSet set = s.executeQuery(ROWS)) {
        set.absolute(-1);
        List<Object> got = new ArrayList<>(List.of(set.getRow(), set.getString(1)));
        set.absolute(10);
        set.previous();
        got.add(set.getTimestamp(3).toInstant());
        return got;
      }
    });
    Steps.step("updatable", () -> {
      try (Statement s = connection.createStatement(ResultSet.TYPE_SCROLL_SENSITIVE, ResultSet.CONCUR_UPDATABLE);
          ResultSet set = s.executeQuery("select site, device, ts, temp from readings where device = 3")) {
        set.next();
        return set.getConcurrency() == ResultSet.CONCUR_UPDATABLE;
      }
    });
    Steps.step("row limit", () -> {
      try (Statement statement = connection.createStatement()) {
        statement.setMaxRows(3);
        return rows(statement.executeQuery(ROWS));
      }
    });
  }

  static void fetching(Connection connection) {
    for (String threshold : List.of("5", "-1", "0")) {
      Steps.step("fetch size, prepareThreshold " + threshold, () -> with(c -> {
        c.setAutoCommit(false);
        long sum = 0;
        int rows = 0;
        try (PreparedStatement statement = c.prepareStatement("select device, price, note from readings where device > ? order by site, ts")) {
          statement.setFetchSize(100);
          for (int i = 0; i < 7; i++) {
            statement.setInt(1, 1);
            try (ResultSet set = statement.executeQuery()) {
              while (set.next()) {
                rows++;
                sum += set.getBigDecimal(2).unscaledValue().longValue();
              }
            }
          }
        }
        c.commit();
        return List.of(rows, sum);
      }, "prepareThreshold", threshold));
    }
    Steps.step("fetch size left early", () -> {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(10);
        try (ResultSet set = statement.executeQuery(ROWS)) {
          for (int i = 0; i < 25; i++) set.next();
        }
        return query(connection, "select 1");
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    });
    Steps.step("adaptive fetch", () -> with(c -> {
      c.setAutoCommit(false);
      return query(c, ROWS).size();
    }, "adaptiveFetch", "true", "defaultRowFetchSize", "50", "maxResultBuffer", "100K"));
    Steps.step("cursor over commit", () -> {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY, ResultSet.HOLD_CURSORS_OVER_COMMIT)) {
        statement.setFetchSize(7);
        ResultSet set = statement.executeQuery(ROWS);
        set.next();
        connection.commit();
        return rows(set).size();
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    });
  }

  static void errors(Connection connection) {
    for (String text : List.of("select * form readings", "select * from nowhere", "select nothing from readings", "select nothing(1)",
        "select 'x'::integer", "select 1/0", "delete from readings", "create table mine (a integer)")) {
      Steps.step("error: " + text, () -> {
        try {
          return query(connection, text);
        } catch (PSQLException error) {
          var server = error.getServerErrorMessage();
          return List.of(Steps.outcomeOf(error), server.getSeverity(), server.getPosition());
        }
      });
    }
    Steps.step("error, and the transaction", () -> {
      connection.setAutoCommit(false);
      List<Object> got = new ArrayList<>();
      for (String text : List.of("select 1", "select 1/0", "select 2")) {
        try {
          got.add(query(connection, text));
        } catch (SQLException error) {
          got.add(error.getSQLState());
        }
      }
      connection.rollback();
      connection.setAutoCommit(true);
      got.add(query(connection, "select 3"));
      return got;
    });
    Steps.step("autosave", () -> with(c -> {
      c.setAutoCommit(false);
      List<Object> got = new ArrayList<>(query(c, "select 1"));
      try {
        query(c, "select 1/0");
      } catch (SQLException error) {
        got.add(error.getSQLState());
      }
      got.addAll(query(c, "select 2"));
      c.commit();
      return got;
    }, "autosave", "always"));
    Steps.step("warnings", () -> {
      List<Object> got = new ArrayList<>();
      try (Statement statement = connection.createStatement()) {
        statement.execute("begin");
        statement.execute("begin");
        for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) got.add(List.of(w.getSQLState(), w.getMessage()));
        statement.execute("commit");
      }
      return got;
    });
  }

  static void transactions(Connection connection) {
    Steps.step("isolation and access", () -> {
      List<Object> got = new ArrayList<>();
      for (int level : new int[] {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE}) {
        connection.setTransactionIsolation(level);
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
        got.add(query(connection, "select current_setting('transaction_isolation'), current_setting('transaction_read_only')"));
        got.add(connection.getTransactionIsolation());
        connection.commit();
        connection.setAutoCommit(true);
      }
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      connection.setReadOnly(false);
      return got;
    });
    Steps.step("savepoints", () -> {
      connection.setAutoCommit(false);
      Savepoint named = connection.setSavepoint("Named one");
      Savepoint plain = connection.setSavepoint();
      connection.rollback(plain);
      connection.releaseSavepoint(plain);
      connection.rollback(named);
      connection.commit();
      connection.setAutoCommit(true);
      return named.getSavepointName();
    });
    Steps.step("the session", () -> {
      connection.setSchema("plant");
      List<Object> got = new ArrayList<>(List.of(connection.getSchema(), connection.getCatalog(), query(connection, "select count(*) from \"Odd names\"")));
      connection.setSchema("public");
      connection.setClientInfo("ApplicationName", "sweep");
      got.add(connection.getClientInfo().toString());
      got.add(query(connection, "show application_name"));
      got.add(connection.isValid(5));
      got.add(connection.unwrap(PGConnection.class).escapeIdentifier("a\"b"));
      got.add(connection.unwrap(PGConnection.class).getParameterStatus("client_encoding"));
      got.add(connection.nativeSQL("select ?, {d '2024-01-01'}"));
      return got;
    });
  }

  public static void main(String[] args) throws Exception {
    Steps.version(DriverInfo.DRIVER_VERSION);
    try (Connection connection = connect()) {
      Metadata.databaseMetaData(connection);
      Metadata.resultMetaData(connection);
      values();
      parameters(connection);
      prepared(connection);
      fetching(connection);
      errors(connection);
      transactions(connection);
      Sessions.timing(connection);
      Sessions.copying(connection);
    }
    Sessions.connections();
  }
}
