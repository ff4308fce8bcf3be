package inet
