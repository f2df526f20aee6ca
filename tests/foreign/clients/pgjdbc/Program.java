// pgjdbc: all of DatabaseMetaData, every query mode, binary transfer, fetch size, timeouts, cancel, COPY, batches, savepoints.

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
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
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGResultSetMetaData;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.DriverInfo;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;

public final class Program {
  static final String URL = "jdbc:postgresql:" + System.getenv("CLIENT_URL").replace("tester@", "");
  static final String TAME = "select * from kinds where id < 32 order by id";
  static final String ROWS = "select site, device, ts, temp, price, note from readings order by site, device, ts";
  static final String ENDLESS =
      "select count(*) from readings a, readings b, readings c, readings d where a.temp + b.temp + c.temp + d.temp > 1e9";
  static final int MANY = 60;

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

  // ----------------------------------------------------------------------------------------------------------- metadata

  // A result of DatabaseMetaData: its columns, and its rows in order; of many rows their number and a digest.
  static Object table(ResultSet set) throws Exception {
    ResultSetMetaData about = set.getMetaData();
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= about.getColumnCount(); i++) names.add(about.getColumnName(i) + " " + about.getColumnTypeName(i));
    List<String> found = new ArrayList<>();
    while (set.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= about.getColumnCount(); i++) row.add(set.getString(i));
      found.add(row.toString());
    }
    set.close();
    found.sort(null);
    if (found.size() > MANY) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String row : found) digest.update(row.getBytes(StandardCharsets.UTF_8));
      return List.of(names, found.size(), HexFormat.of().formatHex(digest.digest()));
    }
    return List.of(names, found);
  }

  interface Asked {
    ResultSet of(DatabaseMetaData about) throws SQLException;
  }

  static void databaseMetaData(Connection connection) throws Exception {
    DatabaseMetaData about = connection.getMetaData();
    Steps.step("properties", () -> {
      Map<String, Object> found = new TreeMap<>();
      for (var method : DatabaseMetaData.class.getMethods()) {
        Class<?> type = method.getReturnType();
        boolean plain = type.isPrimitive() || type == String.class || type.isEnum();
        if (method.getParameterCount() == 0 && plain && !method.getName().equals("getDatabaseProductVersion")) {
          found.put(method.getName(), method.invoke(about));
        }
      }
      return found;
    });
    Steps.step("version", () -> about.getDatabaseProductVersion().split("\\.")[0]);
    Map<String, Asked> asked = new LinkedHashMap<>();
    asked.put("getAttributes", m -> m.getAttributes(null, null, null, null));
    asked.put("getBestRowIdentifier", m -> m.getBestRowIdentifier(null, "public", "readings", DatabaseMetaData.bestRowSession, false));
    asked.put("getCatalogs", DatabaseMetaData::getCatalogs);
    asked.put("getClientInfoProperties", DatabaseMetaData::getClientInfoProperties);
    asked.put("getColumnPrivileges", m -> m.getColumnPrivileges(null, "public", "devices", "%"));
    asked.put("getColumns of a schema", m -> m.getColumns(null, "public", "%", "%"));
    asked.put("getColumns of a table", m -> m.getColumns(null, "public", "readings", null));
    asked.put("getColumns of a view", m -> m.getColumns(null, null, "hourly", "%"));
    asked.put("getColumns, odd names", m -> m.getColumns(null, "plant", "Odd names", "%"));
    asked.put("getColumns of the system", m -> m.getColumns(null, "pg_catalog", "pg_class", "rel%"));
    asked.put("getCrossReference", m -> m.getCrossReference(null, "public", "devices", null, "public", "readings"));
    asked.put("getExportedKeys", m -> m.getExportedKeys(null, "public", "devices"));
    asked.put("getImportedKeys", m -> m.getImportedKeys(null, "public", "readings"));
    asked.put("getFunctions", m -> m.getFunctions(null, "pg_catalog", "date_trunc"));
    asked.put("getFunctions of the database", m -> m.getFunctions(null, "public", "%"));
    asked.put("getFunctionColumns", m -> m.getFunctionColumns(null, "pg_catalog", "generate_series", "%"));
    asked.put("getIndexInfo", m -> m.getIndexInfo(null, "public", "readings", false, true));
    asked.put("getPrimaryKeys", m -> m.getPrimaryKeys(null, "public", "readings"));
    asked.put("getProcedures", m -> m.getProcedures(null, null, "%"));
    asked.put("getProcedureColumns", m -> m.getProcedureColumns(null, "public", "%", "%"));
    asked.put("getPseudoColumns", m -> m.getPseudoColumns(null, null, "%", "%"));
    asked.put("getSchemas", DatabaseMetaData::getSchemas);
    asked.put("getSchemas by pattern", m -> m.getSchemas(null, "p%"));
    asked.put("getSuperTables", m -> m.getSuperTables(null, null, "%"));
    asked.put("getSuperTypes", m -> m.getSuperTypes(null, null, "%"));
    asked.put("getTablePrivileges", m -> m.getTablePrivileges(null, "public", "%"));
    asked.put("getTables", m -> m.getTables(null, "public", "%", null));
    asked.put("getTables everywhere", m -> m.getTables(null, null, "%", new String[] {"TABLE", "VIEW"}));
    asked.put("getTables of the system", m -> m.getTables(null, "pg_catalog", "%", new String[] {"SYSTEM TABLE", "SYSTEM VIEW"}));
    asked.put("getTables of every type", m -> m.getTables("fedgate", null, "%s", null));
    asked.put("getTableTypes", DatabaseMetaData::getTableTypes);
    asked.put("getTypeInfo", DatabaseMetaData::getTypeInfo);
    asked.put("getUDTs", m -> m.getUDTs(null, null, "%", null));
    asked.put("getVersionColumns", m -> m.getVersionColumns(null, "public", "readings"));
    asked.forEach((name, one) -> Steps.step(name, () -> table(one.of(about))));
    Steps.step("getRowIdLifetime", () -> about.getRowIdLifetime().toString());
    Steps.step("supportsConvert", () -> List.of(about.supportsConvert(Types.INTEGER, Types.VARCHAR), about.supportsTransactionIsolationLevel(8)));
  }

  static List<Object> described(ResultSetMetaData m) throws SQLException {
    List<Object> found = new ArrayList<>();
    PGResultSetMetaData own = m.unwrap(PGResultSetMetaData.class);
    for (int i = 1; i <= m.getColumnCount(); i++) {
      Map<String, Object> column = new LinkedHashMap<>();
      column.put("label", m.getColumnLabel(i));
      column.put("type", m.getColumnType(i) + " " + m.getColumnTypeName(i) + " " + m.getColumnClassName(i));
      column.put("size", List.of(m.getPrecision(i), m.getScale(i), m.getColumnDisplaySize(i)));
      column.put("is", List.of(m.isNullable(i), m.isAutoIncrement(i), m.isSigned(i), m.isCaseSensitive(i), m.isCurrency(i), m.isSearchable(i)));
      column.put("from", m.getSchemaName(i) + "." + m.getTableName(i) + " " + m.getColumnName(i));
      column.put("base", own.getBaseSchemaName(i) + "." + own.getBaseTableName(i) + "." + own.getBaseColumnName(i) + " " + own.getFormat(i));
      found.add(column);
    }
    return found;
  }

  static void resultMetaData(Connection connection) {
    for (String text : List.of("select * from readings", "select * from kinds", "select * from plant.\"Odd names\"",
        "select h.site as place, temp, 1 + 1 as two, count(*) over () from hourly h", "select oid, relname, reltuples from pg_class")) {
      Steps.step("described: " + text, () -> {
        try (PreparedStatement statement = connection.prepareStatement(text + " limit 0")) {
          return List.of(described(statement.getMetaData()), described(statement.executeQuery().getMetaData()));
        }
      });
    }
    Steps.step("parameters described", () -> {
      try (PreparedStatement s = connection.prepareStatement("select * from readings where site = ? and device > ? and ts between ? and ? limit ?")) {
        ParameterMetaData m = s.getParameterMetaData();
        List<String> found = new ArrayList<>();
        for (int i = 1; i <= m.getParameterCount(); i++) found.add(m.getParameterTypeName(i) + " " + m.getParameterClassName(i) + " " + m.getParameterMode(i));
        return found;
      }
    });
  }

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

  public static void main(String[] args) throws Exception {
    Steps.version(DriverInfo.DRIVER_VERSION);
    try (Connection connection = connect()) {
      databaseMetaData(connection);
      resultMetaData(connection);
      values();
      parameters(connection);
      prepared(connection);
      fetching(connection);
      errors(connection);
      transactions(connection);
      timing(connection);
      copying(connection);
    }
    connections();
  }
}
